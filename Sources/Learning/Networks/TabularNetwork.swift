public import Diagnostics
public import Layers
import Tensors

/// A network over rows of tables, defined once for every backend.
public protocol TabularNetwork: AnyObject {
  /// What decides its shape beside the columns.
  associatedtype Configuration: Codable & Sendable & Equatable

  /// What it is called in files.
  static var name: String { get }
  /// What it was made from.
  var configuration: Configuration { get }
  /// The columns that it takes.
  var inputs: TabularInputs { get }
  /// Number of outputs.
  var outputs: Int { get }
  /// All parameters by their dotted names.
  var parameters: Parameters { get }

  /// A network whose parameters come from a scope's source.
  /// - Throws: `TernError` of kind `configuration` for a bad configuration, of kind `data` as the source does.
  init(
    _ configuration: Configuration, inputs: TabularInputs, outputs: Int, _ scope: ParameterScope
  ) throws(TernError)

  /// What the network says of each row, and what it asks to be added to the loss.
  func callAsFunction<B: Backend>(_ input: TabularInput<B.Value>, on backend: B) -> NetworkOutput<B.Value>

  /// Whether weight decay applies to a parameter.
  func decays(_ parameter: Parameter) -> Bool

  /// Derives what products read, after which threads may share the network and the first row costs what the others do.
  func prepare()
}

/// What a network computes for a batch.
public struct NetworkOutput<Value> {
  /// Raw predictions (batch, outputs): values, or logits of classes.
  public let prediction: Value
  /// One number that training adds to its loss; nil when there is none or the backend does not record.
  public let penalty: Value?

  /// An output.
  public init(prediction: Value, penalty: Value? = nil) {
    self.prediction = prediction
    self.penalty = penalty
  }
}

extension TabularNetwork {
  /// The same for rows that nothing is derived with respect to.
  public func callAsFunction<B: Backend>(_ batch: TabularBatch, on backend: B) -> NetworkOutput<B.Value> {
    let numeric = batch.numeric.map { backend.constant($0) }
    return self(TabularInput(numeric: numeric, categories: batch.categories), on: backend)
  }

  /// Matrices of linear maps decay; tokens, tables, norms and biases do not.
  public func decays(_ parameter: Parameter) -> Bool { parameter.role == .weight }

  /// Derives what products read, after which threads may share the network and the first row costs what the others do.
  public func prepare() { parameters.prepare() }
}
