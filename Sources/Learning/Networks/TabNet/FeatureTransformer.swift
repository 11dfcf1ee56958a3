import Diagnostics
import Layers
import Tensors

/// A gated layer: `a·σ(b)` where `(a, b) = BN(x·Wᵀ)`.
struct GatedLayer {
  private let linear: Linear
  private let norm: BatchNormalisation

  /// A layer of a matrix, which others may share, and a normalisation of its own.
  init(_ linear: Linear, _ norm: BatchNormalisation) {
    self.linear = linear
    self.norm = norm
  }

  func callAsFunction<B: Backend>(_ x: B.Value, _ backend: B) -> B.Value {
    backend.gated(norm(linear(x, backend), backend), .glu, dropout: 0)
  }

  /// The matrix of a gated layer, drawn as the authors do.
  static func matrix(_ inputs: Int, _ outputs: Int, _ scope: ParameterScope) throws(TernError) -> Linear {
    let gain = (Double(inputs + 2 * outputs) / Double(inputs).squareRoot()).squareRoot()
    return try Linear(
      inputs, 2 * outputs, scope, weight: .xavierNormal(gain: Float(gain)), bias: nil)
  }
}

/// Gated layers one behind the other: the first replaces its input, each later one `x ← (x + GLU(x))·√½`.
///
/// The matrices in front are shared by all steps, but no normalisation is: steps see different distributions, and shared
/// statistics stop a network from learning.
struct FeatureTransformer {
  private let layers: [GatedLayer]

  /// Pulls `shared.<n>.norm` for each shared matrix, then `own.<n>` and `own.<n>.norm`.
  init(
    inputs: Int, outputs: Int, shared: [Linear], independent: Int, momentum: Float, virtualBatch: Int,
    _ scope: ParameterScope
  ) throws(TernError) {
    var layers: [GatedLayer] = []
    for (index, matrix) in shared.enumerated() {
      let norm = try BatchNormalisation(
        2 * outputs, momentum: momentum, virtualBatch: virtualBatch, scope["shared"][index]["norm"])
      layers.append(GatedLayer(matrix, norm))
    }
    for index in 0..<independent {
      let own = scope["own"][index]
      let matrix = try GatedLayer.matrix(layers.isEmpty ? inputs : outputs, outputs, own)
      let norm = try BatchNormalisation(
        2 * outputs, momentum: momentum, virtualBatch: virtualBatch, own["norm"])
      layers.append(GatedLayer(matrix, norm))
    }
    self.layers = layers
  }

  /// x (batch, inputs) → (batch, outputs).
  func callAsFunction<B: Backend>(_ x: B.Value, _ backend: B) -> B.Value {
    var y = x
    for (index, layer) in layers.enumerated() {
      let gated = layer(y, backend)
      y = index == 0 ? gated : backend.residual(y, gated, dropout: 0, scale: FeatureTransformer.scale)
    }
    return y
  }

  private static let scale = Float(0.5).squareRoot()

  /// Pulls the matrices that steps share.
  static func sharedMatrices(
    _ count: Int, inputs: Int, outputs: Int, _ scope: ParameterScope
  ) throws(TernError) -> [Linear] {
    var matrices: [Linear] = []
    for index in 0..<count {
      matrices.append(try GatedLayer.matrix(index == 0 ? inputs : outputs, outputs, scope[index]))
    }
    return matrices
  }
}
