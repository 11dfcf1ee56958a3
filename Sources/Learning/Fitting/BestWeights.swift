import Optimizers

/// A copy of the weights of the best epoch, to go back to when training ends.
public struct BestWeights: Sendable, Equatable {
  /// The epoch that it is of.
  public private(set) var epoch: Int?
  /// One array for each parameter.
  public private(set) var values: [[Float]] = []

  /// No copy yet.
  public init() {}

  /// A copy from a checkpoint.
  public init(epoch: Int, values: [[Float]]) {
    self.epoch = epoch
    self.values = values
  }

  /// Copies the weights of an epoch.
  public mutating func keep(_ parameters: [ParameterBuffer], epoch: Int) {
    self.epoch = epoch
    values = parameters.map { Array(UnsafeBufferPointer(start: $0.values, count: $0.count)) }
  }

  /// Puts the copy back; nothing happens where there is none.
  public func restore(_ parameters: [ParameterBuffer]) {
    guard epoch != nil else { return }
    precondition(
      parameters.count == values.count && zip(parameters, values).allSatisfy { $0.count == $1.count },
      "the copy is of other parameters")
    for (parameter, values) in zip(parameters, values) {
      for (index, value) in values.enumerated() { parameter.values[index] = value }
    }
  }
}
