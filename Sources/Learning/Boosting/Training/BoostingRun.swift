import Diagnostics
import Trees

/// A training run as the loop over its rounds sees it.
protocol BoostingRun {
  /// Rounds done, those of an initial forest not counted.
  var round: Int { get }
  /// Whether an earlier round, perhaps of an interrupted run, said that no more rounds make sense.
  var isStopped: Bool { get }
  /// The metrics of the last round.
  var latest: [BoostingResult.Series] { get }
  /// Trains one round; false when no more rounds make sense.
  mutating func boost() throws(TernError) -> Bool
  /// The forest so far.
  func forest() throws(TernError) -> Forest
  /// Everything needed to go on after this round.
  func snapshot() throws(TernError) -> BoostingSnapshot
}

extension BoostingResult.Series {
  /// The same with the last value alone.
  var last: BoostingResult.Series {
    BoostingResult.Series(dataset: dataset, metric: metric, values: Array(values.suffix(1)))
  }
}
