public import Diagnostics
public import Layers
import Tensors

/// Vectors of numeric features: x (batch, features) → (batch, features, width).
public struct NumericEmbedding {
  private enum Form {
    case linear(LinearEmbedding)
    case piecewiseLinear(PiecewiseLinearEmbedding)
    case periodic(PeriodicEmbedding)
  }

  private let form: Form

  /// Pulls the parameters that a configuration asks for.
  /// - Throws: `TernError` of kind `configuration` for a bad configuration, of kind `data` as the scope's source does.
  public init(
    _ configuration: NumericEmbeddingConfiguration, features: Int, width: Int, _ scope: ParameterScope
  ) throws(TernError) {
    try configuration.validate(features: features)
    switch configuration.kind {
    case .linear: form = .linear(try LinearEmbedding(features, width, scope))
    case .piecewiseLinear:
      form = .piecewiseLinear(try PiecewiseLinearEmbedding(configuration, width: width, scope))
    case .periodic:
      form = .periodic(try PeriodicEmbedding(configuration, features: features, width: width, scope))
    }
  }

  /// Embeds the features of each row.
  public func callAsFunction<B: Backend>(_ x: B.Value, _ backend: B) -> B.Value {
    switch form {
    case .linear(let embedding): embedding(x, backend)
    case .piecewiseLinear(let embedding): embedding(x, backend)
    case .periodic(let embedding): embedding(x, backend)
    }
  }

  /// Weight and bias (features, width) of the linear form; nil for the others.
  var linearParts: (weight: Parameter, bias: Parameter)? {
    if case .linear(let embedding) = form { (embedding.weight, embedding.bias) } else { nil }
  }

  /// Derives what products read.
  func prepare() {
    if case .periodic(let embedding) = form { embedding.prepare() }
  }
}

/// The tokens of FT-Transformer: `x_j·w_j + b_j`.
struct LinearEmbedding {
  let weight: Parameter
  let bias: Parameter

  /// Pulls `weight` and `bias`, both (features, width) and uniform in ±1/√width.
  init(_ features: Int, _ width: Int, _ scope: ParameterScope) throws(TernError) {
    let drawn = Initialiser.uniform(Linear.bound(width))
    weight = try scope.parameter("weight", Shape(features, width), drawn, role: .embedding)
    bias = try scope.parameter("bias", Shape(features, width), drawn, role: .embedding)
  }

  func callAsFunction<B: Backend>(_ x: B.Value, _ backend: B) -> B.Value {
    backend.featureTokens(x, weight, bias)
  }
}

/// A linear map of its own for each feature: (batch, features, inputs) → (batch, features, outputs).
struct FeatureLinear {
  private let weight: Parameter
  private let bias: Parameter?

  /// Pulls `weight` (features, inputs, outputs) and `bias` (features, outputs), uniform in ±1/√inputs unless said otherwise.
  init(
    _ features: Int, _ inputs: Int, _ outputs: Int, _ scope: ParameterScope, weight drawn: Initialiser? = nil,
    hasBias: Bool = true
  ) throws(TernError) {
    let usual = Initialiser.uniform(Linear.bound(inputs))
    weight = try scope.parameter(
      "weight", Shape(features, inputs, outputs), drawn ?? usual, role: .embedding)
    bias = hasBias ? try scope.parameter("bias", Shape(features, outputs), usual, role: .embedding) : nil
  }

  func callAsFunction<B: Backend>(_ x: B.Value, _ backend: B) -> B.Value {
    backend.featureLinear(x, weight, bias)
  }
}
