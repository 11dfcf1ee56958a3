import Artifacts
import Diagnostics
import EventFiles
import Files
import Synchronization

/// Writes the course of a training for TensorBoard: loss, learning rate, validation metrics and speed of every epoch.
final class TrainingEvents: NetworkTrainingObserver {
  private let directory: RunDirectory
  private let snapshot: NetworkSnapshot?
  private let configuration: JSONValue
  /// The file once the first epoch has ended.
  private let file = Mutex<EventFile?>(nil)

  /// Follows a training that begins, or goes on from a snapshot.
  init(_ directory: RunDirectory, goingOnFrom snapshot: NetworkSnapshot?, configuration: JSONValue) {
    self.directory = directory
    self.snapshot = snapshot
    self.configuration = configuration
  }

  func epochEnded(_ epoch: NetworkEpoch) throws(TernError) {
    let failure = file.withLock { file -> TernError? in
      do throws(TernError) {
        if file == nil { file = try open() }
        if let file { try write(epoch, to: file) }
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  func stopped(_ snapshot: NetworkSnapshot) {}

  private func open() throws(TernError) -> EventFile {
    if let snapshot, AtomicFile.exists(directory.events) {
      return try EventFile(resuming: directory.events, atStep: snapshot.state.position.step + 1)
    }
    try AtomicFile.createDirectory(directory.path)
    let events = try EventFile(creating: directory.events)
    try events.addTable(
      "configuration",
      try configuration.flattened().map { leaf throws(TernError) in
        (leaf.path, String(decoding: try CanonicalJSON.encode(leaf.value), as: UTF8.self))
      })
    return events
  }

  private func write(_ epoch: NetworkEpoch, to events: EventFile) throws(TernError) {
    func add(_ name: String, _ value: Double) throws(TernError) {
      try events.addScalar("\(epoch.stage.rawValue)/\(name)", Float(value), step: epoch.step)
    }
    try add("loss", epoch.summary.loss)
    try add("learning_rate", epoch.summary.learningRate)
    if let speed = epoch.rowsPerSecond { try add("rows_per_second", speed) }
    for (name, value) in epoch.metrics.sorted(by: { $0.key < $1.key }) { try add("valid_\(name)", value) }
    try events.flush()
  }
}
