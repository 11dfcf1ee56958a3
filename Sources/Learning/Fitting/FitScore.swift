import Diagnostics

/// What is measured on the validation rows after every epoch, and decides which epoch was the best.
public struct FitScore {
  /// The name, such as `logloss`.
  public let name: String
  /// Whether more is better.
  public let isHigherBetter: Bool
  /// Measures the margins `(row, output)` of the validation rows.
  public let measure: (_ margins: [Float]) throws(TernError) -> Double

  /// Describes a score.
  public init(
    name: String, isHigherBetter: Bool, measure: @escaping (_ margins: [Float]) throws(TernError) -> Double
  ) {
    self.name = name
    self.isHigherBetter = isHigherBetter
    self.measure = measure
  }
}

/// What became of an epoch.
public struct EpochSummary: Sendable, Equatable {
  /// The epoch, from zero.
  public let epoch: Int
  /// Mean training loss.
  public let loss: Double
  /// Validation score; nil without validation rows.
  public let score: Double?
  /// Whether the score is the best so far.
  public let isBest: Bool
  /// Learning rate at its end.
  public let learningRate: Double
}
