import Artifacts
import Diagnostics
import Files
import Foundation
import HDF5
import Testing

@testable import Checkpoints

private func sample(seed: UInt64 = 7, createdAt: Int64? = nil) -> Checkpoint {
  Checkpoint(
    model: "patchtst",
    weights: [
      NamedTensor("head.weight", shape: [2, 2], .float32([0.5, -0.0, .infinity, .leastNonzeroMagnitude])),
      NamedTensor("backbone.0.bias", .float64([0.1, -2])),
      NamedTensor("counts", shape: [], .int64([.max])),
      NamedTensor("nodes.feature", .int32([-1, 5])),
      NamedTensor("mask", shape: [0, 3], .uint8([])),
    ],
    configuration: #"{"learning_rate":0.001,"name":"µ"}"#,
    featureSchema: #"["rsi_14"]"#,
    metrics: [
      MetricSeries(split: "valid", name: "logloss", steps: [1, 2], values: [0.7, 0.65]),
      MetricSeries(split: "train", name: "logloss", steps: [1, 2], values: [0.69, 0.6]),
    ],
    provenance: Provenance(seed: seed, dataDigest: "sha256:00", ternVersion: "1.0.0", createdAt: createdAt),
    optimizer: [NamedTensor("head.weight.m", shape: [2, 2], .float32([1, 2, 3, 4]))],
    random: [NamedTensor("dropout", .int64([3, 9]))])
}

private func scratch(_ name: String) -> String {
  NSTemporaryDirectory() + "tern-\(UUID().uuidString)-\(name)"
}

private func failure(_ body: () throws -> some Any) -> TernError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? TernError
  }
}

private func bytes(_ path: String) throws -> [UInt8] {
  try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
}

/// A Python with h5py: the one named in `TERN_PYTHON`, or that on the path.
private let python: [String]? = {
  let command = ["/usr/bin/env", ProcessInfo.processInfo.environment["TERN_PYTHON"] ?? "python3"]
  return (try? run(command + ["-c", "import h5py, safetensors"])) == nil ? nil : command
}()

private func run(_ command: [String]) throws -> Data {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: command[0])
  process.arguments = Array(command.dropFirst())
  let output = Pipe()
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw TernError(.internalFailure, "\(command) failed") }
  return data
}

@Suite struct CheckpointTests {
  @Test func everythingComesBackBitForBit() throws {
    let path = scratch("a.h5")
    defer { unlink(path) }
    let checkpoint = sample(createdAt: 1_700_000_000_000)
    let digest = try checkpoint.write(to: path)
    let back = try Checkpoint.read(path)
    #expect(back == checkpoint)
    #expect(try back.contentDigest() == digest)
    #expect(
      back.weights.map(\.name) == ["backbone.0.bias", "counts", "head.weight", "mask", "nodes.feature"])
    #expect(back.weight("counts")?.element.count == 1)
  }

  @Test func equalWorkGivesEqualBytesAndDigests() throws {
    let paths = [scratch("a.h5"), scratch("another.h5")]
    defer { for path in paths { unlink(path) } }
    try sample().write(to: paths[0])
    try sample().write(to: paths[1])
    #expect(try bytes(paths[0]) == bytes(paths[1]))
    #expect(try sample().contentDigest() == sample(createdAt: 5).contentDigest())
    #expect(try sample().contentDigest() != sample(seed: 8).contentDigest())
  }

  @Test func theDigestSeesEveryPart() throws {
    let original = sample()
    func with(
      weights: [NamedTensor]? = nil, optimizer: [NamedTensor]? = nil, random: [NamedTensor]? = nil,
      metrics: [MetricSeries]? = nil, schema: String?? = nil
    ) throws -> Digest {
      try Checkpoint(
        model: original.model, weights: weights ?? original.weights, configuration: original.configuration,
        featureSchema: schema ?? original.featureSchema, metrics: metrics ?? original.metrics,
        provenance: original.provenance, optimizer: optimizer ?? original.optimizer,
        random: random ?? original.random
      ).contentDigest()
    }
    #expect(try with() == original.contentDigest())
    #expect(try with(weights: original.weights.reversed()) == original.contentDigest())
    let others = [
      try with(weights: Array(original.weights.dropLast())), try with(optimizer: []), try with(random: []),
      try with(metrics: []), try with(schema: .some(nil)), try with(schema: "{}"),
      try with(optimizer: original.random, random: original.optimizer),
      try with(optimizer: [NamedTensor("head.weight.m", .float32([1, 2, 3, 4]))]),
    ]
    #expect(Set(others + [try original.contentDigest()]).count == others.count + 1)
  }

  @Test func alteredFilesAreRefused() throws {
    let path = scratch("a.h5")
    defer { unlink(path) }
    try sample().write(to: path)
    let original = try bytes(path)
    var state: UInt64 = 99
    var refused = 0
    for _ in 0..<600 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var altered = original
      altered[Int((state >> 33) % UInt64(original.count))] ^= UInt8(truncatingIfNeeded: (state >> 20) | 1)
      do throws(TernError) {
        // What passes must be the same checkpoint: the change fell into unused space.
        let back = try Checkpoint.read(image: altered, named: "altered")
        #expect(back == sample())
      } catch {
        refused += 1
        #expect(error.kind == .data && error.file == "altered", "\(error)")
      }
    }
    #expect(refused > 100)
    for size in stride(from: 0, to: original.count, by: 97) {
      #expect(
        failure { try Checkpoint.read(image: Array(original.prefix(size)), named: "short") }?.kind == .data)
    }
  }

  @Test func foreignFilesAndBadNamesAreRefused() throws {
    let path = scratch("a.h5")
    defer { unlink(path) }
    let file = try HDF5File.create(path)
    try file.write([Float(1)], to: "/weights/w")
    try file.close()
    #expect(failure { try Checkpoint.read(path) }?.key == "format")
    for name in ["", ".", "a/b", "a\0b"] {
      let bad = Checkpoint(
        model: "m", weights: [NamedTensor(name, .float32([1]))], configuration: "{}",
        provenance: Provenance(seed: 1, ternVersion: "1"))
      #expect(failure { try bad.write(to: path) }?.kind == .data)
    }
    let twice = Checkpoint(
      model: "m", weights: [NamedTensor("w", .float32([1])), NamedTensor("w", .float32([2]))],
      configuration: "{}",
      provenance: Provenance(seed: 1, ternVersion: "1"))
    #expect(failure { try twice.write(to: path) }?.key == "weights/w")
    let noJSON = Checkpoint(
      model: "m", weights: [], configuration: "{", provenance: Provenance(seed: 1, ternVersion: "1"))
    #expect(failure { try noJSON.write(to: path) }?.key == "configuration")
    // The refusals left the file that was there.
    #expect(try HDF5File.open(path).exists("/weights/w"))
  }

  @Test func publishingGivesTheWeightsWithTheirConfiguration() throws {
    let path = scratch("a.safetensors")
    defer { unlink(path) }
    let digest = try publish(checkpoint: sample(createdAt: 3), to: path, metadata: ["calibration": "none"])
    #expect(try Digest(of: bytes(path)) == digest)
    let artifact = try SafetensorsFile(path: path)
    for weight in sample().weights { #expect(try artifact.tensor(weight.name) == weight) }
    #expect(artifact.names.count == sample().weights.count)
    #expect(artifact.metadata["configuration"] == sample().configuration)
    #expect(artifact.metadata["checkpoint_digest"] == (try sample().contentDigest().description))
    #expect(artifact.metadata["calibration"] == "none")
    #expect(try publish(checkpoint: sample(), to: path, metadata: ["calibration": "none"]) == digest)
    #expect(
      failure { try publish(checkpoint: sample(), to: path, metadata: ["model": "x"]) }?.kind
        == .configuration)
  }

  @Test(.enabled(if: python != nil, "skipped: no Python with h5py"))
  func h5pyReadsACheckpoint() throws {
    let path = scratch("a.h5")
    defer { unlink(path) }
    try sample().write(to: path)
    let script =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Golden/read_checkpoint.py"
    struct Found: Decodable {
      var attributes: [String: JSONValue]
      var tensors: [String: [JSONValue]]
    }
    let found = try JSONDecoder().decode(
      Found.self, from: run(try #require(python) + [script, path]).replacingInfinity())
    #expect(found.attributes["configuration"] == .string(sample().configuration))
    #expect(found.attributes["model"] == .string("patchtst"))
    #expect(found.attributes["format_version"] == .integer(1))
    #expect(found.attributes["content_digest"] == .string(try sample().contentDigest().description))
    #expect(found.tensors["weights/nodes.feature"] == [.string("int32"), .array([.integer(2)]), .integer(4)])
    #expect(
      found.tensors["weights/mask"]?.dropLast() == [.string("uint8"), .array([.integer(0), .integer(3)])])
    #expect(found.tensors["optimizer/head.weight.m"]?.last == .integer(10))
    #expect(found.tensors["metrics/train/logloss/value"]?.last == .number(0.69 + 0.6))
    #expect(found.tensors.count == 5 + 1 + 1 + 4)
  }
}

extension Data {
  /// Python writes `Infinity`, which is no JSON.
  fileprivate func replacingInfinity() -> Data {
    Data(String(decoding: self, as: UTF8.self).replacingOccurrences(of: "Infinity", with: "null").utf8)
  }
}
