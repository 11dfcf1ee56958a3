import Compute
import Diagnostics

extension ObliviousBooster {
  /// Trains one model per fold, all of them round by round side by side, and follows their mean metrics.
  ///
  /// Each fold trains as it would alone, open parameters decided by its own rows; borders, statistics and class weights
  /// come from its training rows. The overfitting detector watches the mean over the folds, as in CatBoost's `cv`.
  /// - Throws: `TernError(.configuration)` or `TernError(.data)`, for instance when a fold lacks a class.
  public static func crossValidate(
    configuration given: ObliviousConfiguration, table: TrainingTable, folds: [Fold], pool: ThreadPool,
    options: BoostingOptions = BoostingOptions(), progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> CrossValidation {
    try given.validate()
    try check(options)
    guard !folds.isEmpty else { throw TernError(.configuration, "there is no fold", key: "cv") }
    var configuration = given
    if configuration.lossFunction == .multiClass {
      // A fold without the last class still has its output.
      configuration.classesCount = try ObliviousLabels.outputs(table.labels, configuration)
    }
    configuration.odType = .incToDec
    configuration.odPval = 0
    // Queries have decided the folds; the losses of this style know none.
    var table = table
    table.queries = nil
    var sessions: [ObliviousSession] = []
    for fold in folds {
      sessions.append(
        try ObliviousSession(
          configuration: configuration, train: try table.selecting(rows: fold.train),
          valid: try table.selecting(rows: fold.valid), pool: pool, options: options))
    }
    let metrics = sessions[0].metrics
    let rule = MonitoredMetric(
      decisive: metrics.watched,
      monitor: OverfittingMonitor(
        configuration: given, isHigherBetter: metrics.metrics[metrics.watched].isHigherBetter))
    return try CrossValidation(
      following: sessions, rounds: configuration.iterations, metrics: metrics.metrics, stopping: rule,
      progress: progress)
  }
}

/// The overfitting detector on one of several metrics.
private struct MonitoredMetric: StoppingRule {
  let decisive: Int
  var monitor: OverfittingMonitor

  var bestRound: Int { monitor.bestRound }
  var bestScore: Double { monitor.bestScore }

  mutating func shouldStop(round: Int, scores: [Double]) -> Bool {
    monitor.shouldStop(round: round, score: scores[decisive])
  }
}
