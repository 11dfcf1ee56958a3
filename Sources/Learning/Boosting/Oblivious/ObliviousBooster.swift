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
  ///   - progress: told after every round.
  /// - Throws: `TernError(.configuration)` or `TernError(.data)`.
  public static func train(
    configuration: ObliviousConfiguration, train: TrainingTable, valid: TrainingTable? = nil,
    pool: ThreadPool, progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> ObliviousResult {
    try configuration.validate()
    let session = try ObliviousSession(configuration: configuration, train: train, valid: valid, pool: pool)
    let total = configuration.iterations
    while session.round < total {
      let isGrowing = try session.boost()
      progress.update(
        phase: "boosting", completed: session.round, total: total, remark: session.remark)
      if !isGrowing { break }
    }
    return try session.result()
  }
}
