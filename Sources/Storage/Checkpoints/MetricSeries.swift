/// The course of one metric over training.
public struct MetricSeries: Sendable, Equatable {
  /// The rows it is taken over: `train`, `valid`, `test`, `walk-forward`.
  public var split: String
  /// The metric's name, such as `logloss`.
  public var name: String
  /// The rounds, epochs or steps at which it was taken.
  public var steps: [Int64]
  /// The values, one per step.
  public var values: [Double]

  /// Describes a series; there must be as many steps as values.
  public init(split: String, name: String, steps: [Int64], values: [Double]) {
    precondition(steps.count == values.count, "every value of \(split).\(name) needs its step")
    self.split = split
    self.name = name
    self.steps = steps
    self.values = values
  }
}
