import Artifacts
import Compute
import DecisionFixtures
import Diagnostics
import Files
import Foundation
import Market
import Orders
import Registry
import StackFixtures
import Testing

@testable import Stacks

/// Damages files as disks, editors and attackers do.
private struct Mutator {
  var random: Philox

  private static let tokens = [
    "null", "true", "-1", "0", "1e308", "1e999", "NaN", "\"\"", "[]", "{}", "9223372036854775807",
    "-9223372036854775808", "\"sha256:00\"", "2", "0.5", "\"1w\"", "\"-1\"", "7", "1000000",
  ].map { Array($0.utf8) }

  mutating func callAsFunction(_ source: [UInt8]) -> [UInt8] {
    var bytes = source
    for _ in 0...random.integer(below: 3) {
      guard !bytes.isEmpty else { return bytes }
      let at = random.integer(below: bytes.count)
      let end = min(bytes.count, at + 1 + random.integer(below: 12))
      switch random.integer(below: 7) {
      case 0: bytes[at] ^= 1 << random.integer(below: 8)
      case 1: bytes[at] = UInt8(random.integer(below: 256))
      case 2: bytes.removeSubrange(at..<end)
      case 3: bytes.insert(contentsOf: bytes[at..<end], at: random.integer(below: bytes.count))
      case 4:
        bytes.replaceSubrange(at..<end, with: Mutator.tokens[random.integer(below: Mutator.tokens.count)])
      case 5: replaceNumber(&bytes, near: at)
      default: if random.integer(below: 8) == 0 { bytes.removeSubrange(at...) }
      }
    }
    return bytes
  }

  /// Puts another token where a number stands.
  private mutating func replaceNumber(_ bytes: inout [UInt8], near start: Int) {
    guard let first = bytes[start...].firstIndex(where: { (48...57).contains($0) }) else { return }
    let end = bytes[first...].firstIndex { !(48...57).contains($0) && $0 != 46 } ?? bytes.count
    bytes.replaceSubrange(first..<end, with: Mutator.tokens[random.integer(below: Mutator.tokens.count)])
  }
}

@Suite struct MutationTests {
  /// Mutations of all kinds together; `TERN_MUTATIONS=50000` asks for as many.
  private static let mutations =
    ProcessInfo.processInfo.environment["TERN_MUTATIONS"].flatMap { Int($0) } ?? 8_000

  /// Files of a registry, damaged: an error each time, or exactly the stack that was asked for (a space more in an
  /// exported record changes nothing).
  @Test func damagedFilesAreRefused() throws {
    let scratch = Scratch()
    defer { scratch.remove() }
    let registry = try ModelRegistry(directory: scratch.path)
    let parts = try StackParts(features: 2, share: 0.001)
    try parts.register("demo", in: registry)
    try registry.promote("demo@1", to: "champion")
    let whole = try LoadedStack(reference: "demo@champion", registry: scratch.path)
    let record = try ArtifactCatalogue(directory: scratch.path).resolve("demo@1")
    var paths = ["aliases/demo/champion.json", "versions/demo/1.json", record.manifest]
    paths += record.files.filter { $0.role != "report" }.map(\.path) + record.layers.map(\.manifest)
    paths += record.layers.flatMap { $0.files.filter { $0.role == "artifact" }.map(\.path) }
    var mutate = Mutator(random: Philox(seed: 9))
    var refused = 0
    let rounds = MutationTests.mutations * 2 / 5
    for round in 0..<rounds {
      let path = "\(scratch.path)/\(paths[round % paths.count])"
      let good = try AtomicFile.read(path)
      let bad = mutate(good)
      try overwrite(path, bad)
      defer { try? overwrite(path, good) }
      do {
        let stack = try LoadedStack(reference: "demo@champion", registry: scratch.path)
        #expect(
          stack.digest == whole.digest && stack.name == "demo" && stack.version == 1
            && stack.description == whole.description && stack.schema == whole.schema
            && zip(stack.layers, whole.layers).allSatisfy {
              $0.digest == $1.digest && $0.version == $1.version
                && (try? $0.artifact.forest(for: "a test").forest)
                  == (try? $1.artifact.forest(for: "a test").forest)
            })
        if round % paths.count >= 2 { #expect(bad == good) }
      } catch {
        refused += 1
        #expect(error.kind == .data, "\(error)")
      }
    }
    #expect(refused > rounds * 8 / 10, "\(refused)")
  }

  /// The same below the digests, as if whoever damaged the files had made every digest fit: an error, or a stack that
  /// decides without a trap.
  @Test func whatDigestsDoNotCatchNeverTraps() throws {
    let parts = try StackParts(features: 2, share: 0.001)
    let source = try parts.source()
    let candles = try SmallMarket.days(1).candles
    let warm = parts.schema.warmUp
    var mutate = Mutator(random: Philox(seed: 10))
    var random = Philox(seed: 11)
    var accepted = 0
    let rounds = MutationTests.mutations * 3 / 5
    for round in 0..<rounds {
      var damaged = source
      switch round % 4 {
      case 0: damaged.stack.bytes = mutate(source.stack.bytes)
      case 1: damaged.schema.bytes = mutate(source.schema.bytes)
      default:
        let layer = random.integer(below: 2)
        damaged.layers[layer].artifact.bytes =
          round % 4 == 2
          ? mutate(source.layers[layer].artifact.bytes)
          : try spoiled(layer == 0 ? parts.regime : parts.signal, &mutate, &random)
      }
      do {
        let stack = try LoadedStack(damaged)
        accepted += 1
        let decider = try stack.makeDecider(
          terms: MarketTerms(symbol: "X", interval: stack.description.interval))
        for row in 0..<warm + 3 {
          let decision = try decider.decide(candles[row])
          #expect(decision.confidence >= 0 && decision.confidence <= 1)
          #expect(!decision.executes || decision.confidence >= stack.description.confidence)
        }
      } catch {
        #expect(error.kind == .data, "\(error)")
      }
    }
    // Other leaves, thresholds and limits within their ranges are stacks all the same.
    #expect(accepted > rounds / 30 && accepted < rounds * 5 / 6, "\(accepted) of \(rounds)")
  }

  /// An artifact with damaged arrays or configuration whose content digest fits.
  private func spoiled(
    _ artifact: ForestArtifact, _ mutate: inout Mutator, _ random: inout Philox
  ) throws -> [UInt8] {
    var tensors = artifact.tensors()
    var text = try CanonicalJSON.encode(artifact.description)
    if random.integer(below: 2) == 0 {
      text = mutate(text)
    } else {
      let index = random.integer(below: tensors.count)
      switch tensors[index].element {
      case .float32(var values):
        values[random.integer(below: values.count)] = Float(
          bitPattern: UInt32(truncatingIfNeeded: random.next()))
        tensors[index].element = .float32(values)
      case .int32(var values):
        values[random.integer(below: values.count)] =
          random.integer(below: 2) == 0
          ? Int32(random.integer(below: 12)) - 2 : Int32(truncatingIfNeeded: random.next())
        tensors[index].element = .int32(values)
      default: break
      }
    }
    var metadata = ["format": "tern-artifact", "configuration": String(decoding: text, as: UTF8.self)]
    metadata[ContentDigest.key] = ContentDigest.compute(tensors: tensors, metadata: metadata).description
    return try Safetensors.encode(tensors: tensors, metadata: metadata)
  }

  private func overwrite(_ path: String, _ bytes: [UInt8]) throws {
    chmod(path, 0o644)
    let descriptor = open(path, O_WRONLY | O_TRUNC)
    defer { close(descriptor) }
    guard descriptor >= 0,
      bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == bytes.count
    else { throw AtomicFile.systemError("cannot write", path) }
  }
}
