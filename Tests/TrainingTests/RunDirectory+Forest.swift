import Artifacts

@testable import Training

extension RunDirectory {
  /// The trees that a run left.
  static func forest(at path: String) throws -> ForestArtifact { try model(at: path).forest(for: "a test") }
}
