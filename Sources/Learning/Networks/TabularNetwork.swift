public import Layers
public import Tensors

/// A network over rows of tables, defined once for every backend.
public protocol TabularNetwork {
  /// All parameters by their dotted names.
  var parameters: Parameters { get }

  /// What the network says of each row, and what it asks to be added to the loss.
  func callAsFunction<B: Backend>(_ input: TabularInput<B.Value>, _ backend: B) -> NetworkOutput<B.Value>
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
  /// Derives what products read, after which threads may share the network and the first row costs what the others do.
  public func prepare() { parameters.prepare() }
}
