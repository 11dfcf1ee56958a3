import Artifacts
import Boosting
import Compute
import Diagnostics
import Files

extension TableTraining {
  /// Grows trees, or fits the leaves of given ones anew.
  func boost(
    _ family: BoostingFamily, _ parameters: [String: String], _ tables: TrainingTables,
    directory: RunDirectory, pool: ThreadPool, progress: some ProgressReporting
  ) throws(TernError) -> BoostingFit {
    if let model = request.refitted {
      return try BoostingFit(
        refitting: model, family, parameters: parameters, table: tables.train, seed: request.seed, pool: pool)
    }
    var options = BoostingOptions()
    options.initialForest = try request.initial?.forest(for: "going on with boosting").forest
    if request.resumes, AtomicFile.exists(directory.snapshot) {
      options.snapshot = try TrainingSnapshot.read(
        directory.snapshot, model: family.rawValue, data: tables.digest)
    }
    options.callbacks.append(
      SnapshotWriter(
        every: request.snapshotEvery, shouldStop: request.shouldStop, model: family.rawValue,
        data: tables.digest, path: directory.snapshot))
    return try BoostingFit(
      family, parameters: parameters, signature: tables.signature, train: tables.train,
      valid: tables.valid, seed: request.seed, pool: pool, options: options, progress: progress)
  }
}
