import Compute
import Diagnostics
import Trees

/// Trains gradient-boosted forests.
public enum Booster {
  /// Trains on a table.
  ///
  /// - Parameters:
  ///   - configuration: hyper-parameters; checked first.
  ///   - train: the rows to learn from.
  ///   - valid: rows to evaluate after every round, for the history and early stopping.
  ///   - pool: the threads to use; the result is bit-identical for any number.
  ///   - progress: told after every round.
  /// - Throws: `TernError(.configuration)` or `TernError(.data)`.
  public static func train(
    configuration: BoostingConfiguration, train: TrainingTable, valid: TrainingTable? = nil, pool: ThreadPool,
    progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> BoostingResult {
    try configuration.validate()
    try train.validate()
    throw TernError(.internalFailure, "training is being assembled")
  }
}
