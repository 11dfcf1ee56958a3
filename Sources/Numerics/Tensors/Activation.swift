/// A function applied to each element, alone or as the end of a linear layer.
public enum Activation: String, Sendable, CaseIterable, Codable {
  /// `x`.
  case identity
  /// `max(x, 0)`.
  case relu
  /// `x·Φ(x)` with the normal distribution's Φ, the exact form.
  case gelu
  /// `x·σ(x)`.
  case silu
  /// `σ(x) = 1/(1 + e^-x)`.
  case sigmoid
  /// The hyperbolic tangent.
  case tanh
}

/// A gated unit: of a row `(a, b)` of even length it keeps `a·f(b)`.
public enum Gate: String, Sendable, CaseIterable, Codable {
  /// `a·σ(b)`.
  case glu
  /// `a·max(b, 0)`.
  case reglu
  /// `a·b·σ(b)`.
  case swiglu
}
