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
