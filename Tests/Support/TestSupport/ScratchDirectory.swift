import Foundation

/// A directory of its own for one test, removed afterwards.
public struct ScratchDirectory: ~Copyable {
  /// Where it is.
  public let path: String

  /// Creates the directory.
  public init() throws {
    path = NSTemporaryDirectory() + "tern-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
