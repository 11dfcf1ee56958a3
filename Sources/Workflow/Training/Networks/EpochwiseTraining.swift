import Diagnostics
import Fitting
import Networks

/// A training that stands still behind every epoch, so that others go on beside it.
protocol EpochwiseTraining: AnyObject {
  /// Trains for an epoch.
  /// - Returns: what became of it, and the metrics of the validation rows.
  /// - Throws: `TernError` of kind `interrupted` when a person asked for the end before its end, `data` when training diverges.
  func advance() throws(TernError) -> (summary: EpochSummary, metrics: [String: Double])
}

/// The training of one network.
final class EpochwiseFit<Network: TabularNetwork>: EpochwiseTraining {
  private let fit: NetworkFit<Network>
  private let validation: FitRows?
  private let score: FitScore?
  private let metrics: LatestMetrics
  private let shouldStop: () -> Bool

  /// - Parameter metrics: where the score puts what it measures.
  init(
    _ fit: NetworkFit<Network>, validation: FitRows?, score: FitScore?, metrics: LatestMetrics,
    shouldStop: @escaping () -> Bool
  ) {
    self.fit = fit
    self.validation = validation
    self.score = score
    self.metrics = metrics
    self.shouldStop = shouldStop
  }

  func advance() throws(TernError) -> (summary: EpochSummary, metrics: [String: Double]) {
    precondition(!fit.isFinished, "a training that has ended does not go on")
    var latest: EpochSummary?
    try fit.run(
      validation: validation, score: score, onEpoch: { (summary) throws(TernError) in latest = summary },
      shouldStop: shouldStop, epochs: fit.position.epoch + 1)
    guard let latest else {
      throw TernError(.interrupted, "training was stopped after \(fit.position.step) steps")
    }
    return (latest, metrics.values)
  }
}

/// The metrics that were measured last.
final class LatestMetrics {
  var values: [String: Double] = [:]
}
