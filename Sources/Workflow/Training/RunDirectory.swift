import Artifacts
import Checkpoints
import Diagnostics
import Files

/// What a training run leaves: `checkpoint.h5`, the published `model.safetensors` and its summary `run.json`.
public struct RunDirectory: Sendable {
  /// The folder.
  public let path: String
  /// The resumable HDF5 checkpoint.
  public var checkpoint: String { path + "/checkpoint.h5" }
  /// The serving artifact.
  public var artifact: String { path + "/model.safetensors" }
  /// The summary of the run.
  public var summary: String { path + "/run.json" }

  /// The state of a training that is not finished; it goes away with the end of the run.
  public var snapshot: String { path + "/snapshot.h5" }
  /// The state of a network's training at its end, to go on from with more epochs; `checkpoint` holds the best weights.
  public var last: String { path + "/last.h5" }
  /// The course of a network's training for TensorBoard, which finds files by this name.
  public var events: String { path + "/events.out.tfevents.tern" }
  /// What a search for a learning rate found.
  public var learningRates: String { path + "/lr.json" }
  /// The metrics of a cross-validation, which leaves no model.
  public var crossValidation: String { path + "/cv.json" }

  /// Names a run directory.
  public init(path: String) { self.path = path }

  /// Writes checkpoint and artifact; the artifact last, so that a directory with an artifact is complete.
  /// - Returns: the digest of the artifact.
  public func write(_ checkpoint: Checkpoint) throws(TernError) -> Digest {
    try AtomicFile.createDirectory(path)
    try checkpoint.write(to: self.checkpoint)
    return try publish(checkpoint: checkpoint, to: artifact)
  }

  /// Writes checkpoint, artifact and summary of a model that another program trained.
  /// - Parameter digest: of the file that it was read from.
  /// - Returns: the facts of the run.
  func write(imported model: ModelArtifact, from digest: Digest) throws(TernError) -> TableTraining.Summary {
    var rounds: Int?
    if case .forest(let artifact) = model { rounds = artifact.forest.rounds }
    let card = model.card
    let artifactDigest = try write(try Checkpoint(model, seed: 0, data: digest))
    let summary = TableTraining.Summary(
      model: card.model, task: card.signature.task, seed: 0, threads: 0, rows: 0,
      features: card.signature.inputs.count, rounds: rounds, trainSeconds: 0, loadSeconds: 0, metrics: [:],
      bestIteration: card.bestIteration, artifactDigest: artifactDigest, output: path)
    try AtomicFile.write(try CanonicalJSON.encode(summary, pretty: true), to: self.summary)
    return summary
  }

  /// Reads the model that a path names: a run directory or an artifact file.
  /// - Throws: `TernError` of kind `data`.
  public static func model(at path: String) throws(TernError) -> ModelArtifact {
    guard AtomicFile.exists(path) else {
      throw TernError(
        .data, "there is no such model", file: path,
        expected: "a run directory, a model.safetensors file or a registry reference such as signal@champion")
    }
    let inside = RunDirectory(path: path).artifact
    return try ModelArtifact(path: AtomicFile.exists(inside) ? inside : path)
  }
}
