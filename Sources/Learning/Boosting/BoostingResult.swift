import Trees

/// What a training run gives.
public struct BoostingResult: Sendable {
  /// One metric on one set of rows, after every round.
  public struct Series: Codable, Sendable, Equatable {
    /// `train` or `valid`.
    public var dataset: String
    /// The metric.
    public var metric: Metric
    /// One value per round; of the training rows only the value after the last round if `trainMetric` is off.
    public var values: [Double]
  }

  /// The model, cut after `bestIteration` if early stopping was on.
  public var forest: Forest
  /// The configuration with everything that was derived from the data filled in (`numClass`).
  public var configuration: BoostingConfiguration
  /// Metrics per round, training rows first.
  public var history: [Series]
  /// Round (from zero, those of an initial forest included) with the best last metric on the validation rows; the last round if there are none.
  public var bestIteration: Int
  /// The last metric at `bestIteration`.
  public var bestScore: Double
  /// Number of rounds that were trained, including those after the best one.
  public var roundsTrained: Int
  /// Rounds of the forest that training went on from; the history begins after them.
  public var initialRounds = 0

  /// The last value of a metric, at the round that the forest ends with.
  public func metric(_ metric: Metric, on dataset: String) -> Double? {
    guard let series = history.first(where: { $0.dataset == dataset && $0.metric == metric }) else {
      return nil
    }
    let round = forest.rounds - initialRounds - 1
    return series.values.indices.contains(round) ? series.values[round] : series.values.last
  }
}
