import Diagnostics
import Layers
import Tensors

/// Where x_j lies among the bins of its feature, and a linear map of that (equation 1 of the paper on numeric embeddings).
///
/// The encoding of a value in bin t is `[1, …, 1, (x - left_t)/width_t, 0, …, 0]`, below the first and above the last bin
/// continued along the line. Features with fewer bins than the most have zeros in front of their last component, which so
/// stands last for all, and the encoding is a linear map followed by bounds. With a single bin it is the linear map alone.
struct PiecewiseLinearEmbedding {
  private let encoding: PiecewiseLinearEncoding
  private let base: LinearEmbedding?
  private let linear: FeatureLinear
  private let activation: Activation

  /// Pulls `linear`, and for version B the linear embedding `base` beside it.
  init(
    _ configuration: NumericEmbeddingConfiguration, width: Int, _ scope: ParameterScope
  ) throws(TernError) {
    encoding = PiecewiseLinearEncoding(configuration.bins)
    let (features, isB) = (configuration.bins.count, configuration.version == .b)
    base = isB ? try LinearEmbedding(features, width, scope["base"]) : nil
    linear = try FeatureLinear(
      features, encoding.width, width, scope["linear"], weight: isB ? .constant(0) : nil, hasBias: !isB)
    activation = configuration.activation ? .relu : .identity
  }

  func callAsFunction<B: Backend>(_ x: B.Value, _ backend: B) -> B.Value {
    var y = linear(encoding(x, backend), backend)
    if activation != .identity { y = backend.activation(y, activation) }
    guard let base else { return y }
    return backend.add(base(x, backend), y)
  }
}

/// The encoding alone: x (batch, features) → (batch, features, most bins). Nothing of it is trained.
struct PiecewiseLinearEncoding {
  /// The largest number of bins of a feature.
  let width: Int
  private let features: Int
  private let slope: Parameter
  private let offset: Parameter
  /// 1 where a component may exceed 1, and where it may fall below 0; minus that, as it is subtracted.
  private let unboundedAbove: Tensor
  private let unboundedBelow: Tensor

  /// The encoding of validated bins.
  init(_ bins: [[Float]]) {
    features = bins.count
    let width = bins.reduce(1) { max($0, $1.count - 1) }
    self.width = width
    let shape = Shape(bins.count, width)
    let (slopes, offsets) = (Tensor(repeating: 0, shape), Tensor(repeating: 0, shape))
    let (above, below) = (Tensor(repeating: 0, Shape(shape.count)), Tensor(repeating: 0, Shape(shape.count)))
    for (feature, edges) in bins.enumerated() {
      let (row, last) = (feature * width, width - 1)
      for bin in 0..<edges.count - 1 {
        let at = row + (bin == edges.count - 2 ? last : bin)
        let size = edges[bin + 1] - edges[bin]
        slopes.pointer[at] = 1 / size
        offsets.pointer[at] = -edges[bin] / size
      }
      above.pointer[row + last] = 1
      // The first component continues downwards; the only one of a feature continues both ways.
      below.pointer[row] = -1
      if edges.count == 2 { below.pointer[row + last] = -1 }
    }
    slope = Parameter(name: "slope", role: .statistic, index: -1, value: slopes)
    offset = Parameter(name: "offset", role: .statistic, index: -1, value: offsets)
    unboundedAbove = above
    unboundedBelow = below
  }

  func callAsFunction<B: Backend>(_ x: B.Value, _ backend: B) -> B.Value {
    let batch = backend.shape(x)[0]
    let line = backend.reshape(backend.featureTokens(x, slope, offset), Shape(batch, features * width))
    if width == 1 { return backend.reshape(line, Shape(batch, features, 1)) }
    // min(line, 1) = 1 - max(1 - line, 0), exact at and above 1; what exceeds 1 comes back where it may.
    let short = backend.activation(backend.affine(line, factor: -1, offset: 1), .relu)
    let excess = backend.activation(backend.affine(line, factor: 1, offset: -1), .relu)
    let topped = backend.add(
      backend.affine(short, factor: -1, offset: 1), backend.multiply(excess, backend.constant(unboundedAbove))
    )
    let positive = backend.activation(topped, .relu)
    let negative = backend.activation(backend.affine(topped, factor: -1, offset: 0), .relu)
    let bounded = backend.add(positive, backend.multiply(negative, backend.constant(unboundedBelow)))
    return backend.reshape(bounded, Shape(batch, features, width))
  }
}
