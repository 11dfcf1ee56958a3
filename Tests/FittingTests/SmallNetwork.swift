import Compute
import Diagnostics
import Layers
import Networks
import Tensors

@testable import Fitting

/// Two linear layers with dropout between them: enough of a network to be trained.
final class SmallNetwork: TabularNetwork {
  struct Configuration: Codable, Sendable, Equatable {
    var width = 8
    var dropout: Float = 0
  }

  static let name = "small"
  let configuration: Configuration
  let inputs: TabularInputs
  let outputs: Int
  let parameters: Parameters
  let hidden: (weight: Parameter, bias: Parameter)
  let head: (weight: Parameter, bias: Parameter)

  init(
    _ configuration: Configuration, inputs: TabularInputs, outputs: Int, _ scope: ParameterScope
  ) throws(TernError) {
    self.configuration = configuration
    self.inputs = inputs
    self.outputs = outputs
    parameters = scope.parameters
    func layer(_ name: String, _ inputs: Int, _ outputs: Int) throws(TernError) -> (Parameter, Parameter) {
      let bound = 1 / Float(inputs).squareRoot()
      return (
        try scope[name].parameter("weight", Shape(outputs, inputs), .uniform(bound)),
        try scope[name].parameter("bias", Shape(outputs), .uniform(bound), role: .bias)
      )
    }
    hidden = try layer("hidden", inputs.numeric, configuration.width)
    head = try layer("head", configuration.width, outputs)
  }

  convenience init(
    inputs: Int, width: Int = 8, outputs: Int = 1, dropout: Float = 0, seed: UInt64 = 1
  ) throws(TernError) {
    try self.init(
      Configuration(width: width, dropout: dropout),
      inputs: TabularInputs(numeric: inputs, cardinalities: []),
      outputs: outputs, ParameterScope(RandomSource(seed: seed), into: Parameters()))
  }

  func callAsFunction<B: Backend>(_ input: TabularInput<B.Value>, on backend: B) -> NetworkOutput<B.Value> {
    guard let x = input.numeric else { preconditionFailure("the network takes numbers") }
    let h = backend.dropout(backend.linear(x, hidden.weight, hidden.bias, .silu), rate: configuration.dropout)
    return NetworkOutput(prediction: backend.linear(h, head.weight, head.bias, .identity))
  }

  /// All values behind one another.
  var values: [Float] { parameters.all.flatMap(\.value.elements) }
}

/// Rows whose target is `2·x₀ - x₁ + 0.5`.
func line(rows: Int, seed: UInt64 = 11) -> FitTable {
  var generator = Philox(seed: seed)
  let numbers = (0..<rows * 2).map { _ in Float(generator.normal()) }
  return FitTable(
    rows: FitRows(
      inputs: TabularInputs(numeric: 2, cardinalities: []), numeric: numbers, categories: [], count: rows),
    targets: (0..<rows).map { 2 * numbers[2 * $0] - numbers[2 * $0 + 1] + 0.5 })
}

/// The root of the mean squared error against a table.
func rootMeanSquare(_ table: FitTable) -> FitScore {
  FitScore(name: "rmse", isHigherBetter: false) { margins throws(TernError) in
    let squares = zip(margins, table.targets).map { Double(($0 - $1) * ($0 - $1)) }
    return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
  }
}
