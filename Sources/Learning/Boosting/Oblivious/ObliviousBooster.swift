import Compute
import Diagnostics
import Trees

/// Trains forests of oblivious trees after CatBoost.
///
/// Sources: Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features" (NeurIPS 2018); Dorogush et
/// al., "CatBoost: gradient boosting with categorical features support" (2018). The same data, configuration and
/// seed give the bit-identical forest on any number of threads.
public enum ObliviousBooster {
  /// Trains on a table.
  ///
  /// - Parameters:
  ///   - configuration: hyper-parameters; checked first.
  ///   - train: the rows to learn from; borders and statistics are made from these rows only.
  ///   - valid: rows to evaluate after every round, for the history, early stopping and `use_best_model`.
  ///   - pool: the threads to use.
  ///   - options: a forest to go on from, an interrupted training, callbacks.
  ///   - progress: told after every round.
  /// - Throws: `TernError(.configuration)` or `TernError(.data)`.
  public static func train(
    configuration: ObliviousConfiguration, train: TrainingTable, valid: TrainingTable? = nil,
    pool: ThreadPool, options: BoostingOptions = BoostingOptions(),
    progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> ObliviousResult {
    try configuration.validate()
    try check(options)
    let session = try ObliviousSession(
      configuration: configuration, train: train, valid: valid, pool: pool, options: options)
    let total = configuration.iterations
    while session.round < total, !session.isStopped {
      var isGrowing = try session.boost()
      progress.update(
        phase: "boosting", completed: session.round, total: total, remark: session.remark)
      let isLast = !isGrowing || session.round >= total
      for callback in options.callbacks {
        let round = BoostingRound(
          completed: session.round, total: total, metrics: session.latest, isLast: isLast, run: session)
        if try !callback.roundEnded(round) { isGrowing = false }
      }
      if !isGrowing { break }
    }
    return try session.result()
  }

  /// Refuses what this style does not know.
  static func check(_ options: BoostingOptions) throws(TernError) {
    guard options.objective == nil, options.metrics.isEmpty else {
      throw TernError(
        .configuration, "a loss or a metric of the caller's is unknown to this style", key: "objective")
    }
  }
}
