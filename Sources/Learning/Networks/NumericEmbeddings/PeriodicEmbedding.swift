import Diagnostics
import Layers
import Tensors

/// `activation(W·[cos(2π·c·x_j), sin(2π·c·x_j)] + b)` with trained frequencies c (section 3.3 of the paper on numeric
/// embeddings): P with a linear map PL, with ReLU behind it PLR, and with one map for all features its lite form.
struct PeriodicEmbedding {
  private enum Map {
    case own(FeatureLinear)
    case shared(Linear)
  }

  private let frequencies: Parameter
  private let map: Map
  private let activation: Activation

  /// Pulls `frequencies.weight` (features, frequencies) and the map `linear`.
  init(
    _ configuration: NumericEmbeddingConfiguration, features: Int, width: Int, _ scope: ParameterScope
  ) throws(TernError) {
    let count = configuration.frequencies
    frequencies = try scope["frequencies"].parameter(
      "weight", Shape(features, count), .normal(deviation: configuration.frequencyInitScale), role: .embedding
    )
    if configuration.lite {
      let bias = Initialiser.uniform(Linear.bound(2 * count))
      map = .shared(try Linear(2 * count, width, scope["linear"], bias: bias, role: .embedding))
    } else {
      map = .own(try FeatureLinear(features, 2 * count, width, scope["linear"]))
    }
    activation = configuration.activation ? .relu : .identity
  }

  func callAsFunction<B: Backend>(_ x: B.Value, _ backend: B) -> B.Value {
    let count = frequencies.shape[1]
    let angles = backend.affine(backend.featureTokens(x, frequencies, nil), factor: 2 * .pi, offset: 0)
    let waves = backend.sineCosine(angles)
    // The authors' weights expect the cosines in front.
    let ordered = backend.concatenate(
      backend.slice(waves, axis: 2, count..<2 * count), backend.slice(waves, axis: 2, 0..<count), axis: 2)
    switch map {
    case .shared(let linear): return linear(ordered, backend, activation: activation)
    case .own(let linear):
      let y = linear(ordered, backend)
      return activation == .identity ? y : backend.activation(y, activation)
    }
  }

  func prepare() {
    if case .shared(let linear) = map { _ = linear.weight.packedMatrix() }
  }
}
