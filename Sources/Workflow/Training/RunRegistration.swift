import Artifacts
import Checkpoints
import Diagnostics
import Files
import Registry

/// Puts a training run into the registry.
public enum RunRegistration {
  /// Registers the checkpoint and the artifact of a run directory with the run's metrics.
  ///
  /// Training metrics alone do not make a version promotable; a `test` split counts as an evaluation on unseen data
  /// only when the run measured one, and it passes no gate by itself: gates belong to whoever judges.
  /// - Throws: `TernError` of kind `data` for a directory that holds no complete run.
  public static func register(
    directory: String, name: String, tags: [String], in registry: ModelRegistry
  ) throws(TernError) -> RegistrationResult {
    let run = RunDirectory(path: directory)
    let artifact = try ModelArtifact(path: run.artifact)
    let checkpoint = try Checkpoint.read(run.checkpoint)
    let summary = try CanonicalJSON.decode(
      TableTraining.Summary.self, from: try AtomicFile.read(run.summary), file: run.summary)
    guard Digest(of: try AtomicFile.read(run.artifact)) == summary.artifactDigest else {
      throw TernError(
        .data, "is not the artifact that the run wrote", file: run.artifact,
        expected: "\(summary.artifactDigest)")
    }
    let metrics = summary.metrics.sorted { $0.key < $1.key }.flatMap { split, values in
      values.sorted { $0.key < $1.key }.map { Registry.Metric(split: split, name: $0.key, value: $0.value) }
    }
    let dataset = checkpoint.provenance.dataDigest.flatMap { Digest($0) }
    return try registry.register(
      Registration(
        name: name, kind: .model,
        files: ["artifact": .path(run.artifact), "checkpoint": .path(run.checkpoint)],
        featureSchema: artifact.card.featureSchema, configuration: artifact.card.parameters,
        dataset: dataset, codeRevision: checkpoint.provenance.ternVersion, metrics: metrics, tags: tags))
  }
}
