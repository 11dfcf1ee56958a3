import Artifacts
import Compute
import Diagnostics
import Files
import Fitting
import NetworkModels

extension TableTraining {
  /// Trains a network; its last state and a TensorBoard file of its course stay in the run directory.
  func fit(
    _ configuration: NetworkTrainingConfiguration, _ tables: TrainingTables, directory: RunDirectory,
    pool: ThreadPool, progress: some ProgressReporting
  ) throws(TernError) -> NetworkTableFit {
    if request.refitted != nil { _ = try request.method.boostedTrees(for: "fitting leaves anew") }
    var options = NetworkTrainingOptions()
    options.initial = try request.initial?.network(for: "going on with a network").model
    options.shouldStop = request.shouldStop
    let written = try configuration.json()
    if request.resumes {
      // The end of a training is a place to go on from too, with more epochs.
      for path in [directory.snapshot, directory.last] where AtomicFile.exists(path) {
        options.snapshot = try NetworkSnapshot.read(
          path, model: request.method.name, data: tables.digest, configuration: written)
        break
      }
    }
    options.observers = [
      NetworkSnapshotWriter(
        every: request.snapshotEvery, model: request.method.name, seed: request.seed, data: tables.digest,
        directory: directory),
      TrainingEvents(directory, goingOnFrom: options.snapshot, configuration: written),
    ]
    let fit = try NetworkTableFit(
      configuration, signature: tables.signature, train: tables.train, valid: tables.valid,
      seed: request.seed, pool: pool, options: options, progress: progress)
    try AtomicFile.createDirectory(directory.path)
    try fit.last.write(
      to: directory.last, model: request.method.name, seed: request.seed, data: tables.digest)
    return fit
  }
}

/// Writes a snapshot every so many epochs, and one when training is stopped.
struct NetworkSnapshotWriter: NetworkTrainingObserver {
  /// Epochs between two snapshots; 0 for none but when stopped.
  let every: Int
  let model: String
  let seed: UInt64
  let data: Digest
  let directory: RunDirectory

  func epochEnded(_ epoch: NetworkEpoch) throws(TernError) {
    guard every > 0, (epoch.summary.epoch + 1) % every == 0 else { return }
    try stopped(epoch.snapshot)
  }

  func stopped(_ snapshot: NetworkSnapshot) throws(TernError) {
    try AtomicFile.createDirectory(directory.path)
    try snapshot.write(to: directory.snapshot, model: model, seed: seed, data: data)
  }
}
