import Artifacts
import Files
import Foundation
import StackFixtures

@testable import Stacks

extension StackParts {
  /// The parts as they are read, every digest made to fit.
  func source() throws -> StackBytes {
    var description = description
    let digests = try layers()
    for index in description.layers.indices {
      if let own = digests.first(where: { $0.role == description.layers[index].role }) {
        description.layers[index].artifact = own.artifact
      }
    }
    let hash = schema.hash
    return StackBytes(
      name: "tried", version: 1, digest: Digest(of: Array("tried".utf8)), featureSchema: hash,
      stack: .init(path: "stack.json", bytes: try CanonicalJSON.encode(description)),
      schema: .init(path: "schema.json", bytes: try CanonicalJSON.encode(schema)),
      layers: try [("regime", regime), ("signal", signal)].map { role, artifact in
        let bytes = try StackParts.bytes(artifact)
        return StackBytes.Layer(
          role: role, name: "tried-\(role)", version: 1, digest: Digest(of: bytes),
          artifact: .init(path: "\(role).safetensors", bytes: bytes), featureSchema: hash)
      })
  }
}

/// A directory of its own for one test.
struct Scratch {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("tern-\(UUID().uuidString)").path
  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
