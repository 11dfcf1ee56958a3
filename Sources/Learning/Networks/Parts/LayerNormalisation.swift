public import Diagnostics
public import Layers
import Tensors

/// `(x - mean)/√(variance + ε)·weight + bias` over the features of each row: (…, width) → (…, width).
public struct LayerNormalisation {
  /// `weight` (width).
  public let weight: Parameter
  /// `bias` (width).
  public let bias: Parameter
  /// What is added to the variance.
  static let epsilon: Float = 1e-5

  /// Pulls `weight`, ones at first, and `bias`, zeros at first.
  /// - Throws: `TernError` of kind `data` as the scope's source does.
  public init(_ width: Int, _ scope: ParameterScope) throws(TernError) {
    weight = try scope.parameter("weight", Shape(width), .constant(1), role: .normalisation)
    bias = try scope.parameter("bias", Shape(width), .constant(0), role: .normalisation)
  }

  /// Applies it.
  public func callAsFunction<B: Backend>(_ x: B.Value, _ backend: B) -> B.Value {
    backend.layerNorm(x, weight, bias, epsilon: LayerNormalisation.epsilon)
  }
}
