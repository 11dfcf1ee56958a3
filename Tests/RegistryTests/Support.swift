import Artifacts
import Chronology
import Diagnostics
import Files
import Foundation
@testable import Registry
import Testing

/// A registry directory of its own for each test, with files to register.
struct Scratch: ~Copyable {
  let path: String
  init() throws {
    path = NSTemporaryDirectory() + "tern-registry-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func registry(at now: Int64 = 1_700_000_000_000) throws -> ModelRegistry {
    try ModelRegistry(directory: path + "/registry", clock: FixedClock(now), busyTimeout: 0.2)
  }
}

let schema = Digest(of: [1])
let dataset = Digest(of: [2])

/// A registration that passes every gate.
func registration(_ name: String = "signal", content: String = "weights") -> Registration {
  Registration(
    name: name, kind: .model, files: ["weights": .bytes(Array(content.utf8)), "calibration": .bytes([1])],
    featureSchema: schema,
    configuration: .object(["max_depth": .integer(6), "eta": .number(0.1)]), dataset: dataset,
    codeRevision: "abc",
    metrics: [Metric(split: "test", name: "auc", value: 0.61)],
    evaluation: EvaluationRecord(unseen: true, method: .walkForward, dataset: dataset, passed: true))
}

/// The error that `body` throws, nil when it does not throw one of ours.
func failure(_ body: () throws -> some Any) -> TernError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? TernError
  }
}

/// Flips a byte of a file, read-only or not.
func damage(_ path: String) throws {
  var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
  bytes[bytes.count / 2] ^= 1
  chmod(path, 0o644)
  try bytes.write(to: URL(fileURLWithPath: path))
}
