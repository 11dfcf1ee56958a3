import Trees

/// What a CatBoost-style training run gives.
public struct ObliviousResult: Sendable {
  /// The model, cut after `bestIteration` if `use_best_model` was on.
  public var forest: Forest
  /// The configuration with everything that was derived from the data filled in.
  public var configuration: ObliviousConfiguration
  /// Metrics per round, training rows first, the metric of early stopping last.
  public var history: [BoostingResult.Series]
  /// Round (from zero, those of an initial forest included) with the best metric on the validation rows; the last round
  /// if there are none.
  public var bestIteration: Int
  /// The metric at `bestIteration`.
  public var bestScore: Double
  /// Number of rounds that were trained, including those after the best one.
  public var roundsTrained: Int
  /// Rounds of the forest that training went on from; the history begins after them.
  public var initialRounds = 0
}
