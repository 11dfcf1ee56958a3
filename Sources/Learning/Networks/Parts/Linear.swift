public import Diagnostics
public import Layers
public import Tensors

/// A linear map `activation(x·Wᵀ + b)`: (…, inputs) → (…, outputs).
public struct Linear {
  /// `weight` (outputs, inputs).
  public let weight: Parameter
  /// `bias` (outputs).
  public let bias: Parameter?

  /// Pulls `weight` and, unless its initialiser is nil, `bias`.
  /// - Throws: `TernError` of kind `data` as the scope's source does.
  public init(
    _ inputs: Int, _ outputs: Int, _ scope: ParameterScope, weight: Initialiser = .kaiming,
    bias: Initialiser?, role: Parameter.Role = .weight
  ) throws(TernError) {
    self.weight = try scope.parameter("weight", Shape(outputs, inputs), weight, role: role)
    self.weight.isMultiplied = true
    if let bias {
      self.bias = try scope.parameter(
        "bias", Shape(outputs), bias, role: role == .weight ? .bias : role)
    } else {
      self.bias = nil
    }
  }

  /// The map as PyTorch starts it: weight and bias uniform in ±1/√inputs.
  public init(_ inputs: Int, _ outputs: Int, _ scope: ParameterScope) throws(TernError) {
    try self.init(inputs, outputs, scope, bias: .uniform(Linear.bound(inputs)))
  }

  /// 1/√inputs.
  static func bound(_ inputs: Int) -> Float { 1 / Float(max(inputs, 1)).squareRoot() }

  /// Applies the map.
  public func callAsFunction<B: Backend>(
    _ x: B.Value, _ backend: B, activation: Activation = .identity
  ) -> B.Value {
    backend.linear(x, weight, bias, activation)
  }
}
