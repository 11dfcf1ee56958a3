import Artifacts
import Checkpoints
import Testing

@testable import Training

extension RunDirectory {
  /// The trees that a run left.
  static func forest(at path: String) throws -> ForestArtifact { try model(at: path).forest(for: "a test") }

  /// The course of a metric over a run.
  static func history(at path: String, _ split: String, _ name: String) throws -> [Double] {
    let checkpoint = try Checkpoint.read(RunDirectory(path: path).checkpoint)
    return try #require(checkpoint.metrics.first { $0.split == split && $0.name == name }).values
  }
}
