import Chronology
import Diagnostics
import Files
import Foundation
import Registry
import StackFixtures
import Testing

@testable import Stacks

@Suite struct AliasWatcherTests {
  private func expectPolls(_ expected: [Bool], _ watcher: inout AliasWatcher) {
    for moved in expected {
      let found = watcher.poll()
      #expect(found == moved)
    }
  }

  @Test func aMovedAliasIsNoticedOnceAndLoaded() throws {
    let scratch = Scratch()
    defer { scratch.remove() }
    let registry = try ModelRegistry(directory: scratch.path)
    for seed in 1...2 {
      try StackParts(features: 3, share: 0.02, seed: UInt64(seed)).register("demo", in: registry)
    }
    try registry.promote("demo@1", to: "champion")
    var watcher = try AliasWatcher(reference: "demo@champion", registry: scratch.path)
    let first = try #require(try watcher.load())
    expectPolls([false, false], &watcher)
    #expect(first.version == 1)
    #expect(try watcher.load(unless: first.digest) == nil)

    for (number, round) in (0..<20).map({ ($0 % 2 == 0 ? 2 : 1, $0) }) {
      try registry.promote("demo@\(number)", to: "champion")
      expectPolls([true, false], &watcher)
      #expect(try watcher.load()?.version == number, "round \(round)")
    }
  }

  @Test func aBadArtifactIsAnErrorAndTheNextGoodOneIsTaken() throws {
    let scratch = Scratch()
    defer { scratch.remove() }
    let registry = try ModelRegistry(directory: scratch.path)
    for seed in 1...2 {
      try StackParts(features: 3, share: 0.02, seed: UInt64(seed)).register("demo", in: registry)
    }
    try registry.promote("demo@1", to: "champion")
    var watcher = try AliasWatcher(reference: "demo@champion", registry: scratch.path)
    let first = try #require(try watcher.load())
    try registry.promote("demo@2", to: "champion")
    let bad = try #require(try watcher.load()?.layers[1].digest)
    let path = "\(scratch.path)/objects/\(bad.hexadecimal.prefix(2))/\(bad.hexadecimal.dropFirst(2))"
    let good = try AtomicFile.read(path)
    var damaged = good
    damaged[good.count / 2] ^= 1
    chmod(path, 0o644)
    try AtomicFile.write(damaged, to: path)
    expectPolls([true], &watcher)
    let error = try #require(throws: TernError.self) { try watcher.load(unless: first.digest) }
    #expect(error.kind == .data && error.file == path)
    try AtomicFile.write(good, to: path)
    #expect(try watcher.load(unless: first.digest)?.version == 2)

    // The record itself is gone: noticed once, an error, nothing more.
    expectPolls([false], &watcher)
    try FileManager.default.removeItem(atPath: "\(scratch.path)/aliases/demo/champion.json")
    expectPolls([true, false], &watcher)
    #expect(throws: TernError.self) { try watcher.load() }
  }

  @Test func whatIsNoAliasNeverMoves() throws {
    let scratch = Scratch()
    defer { scratch.remove() }
    let registry = try ModelRegistry(directory: scratch.path)
    try StackParts(features: 3, share: 0.02).register("demo", in: registry)
    var watcher = try AliasWatcher(reference: "demo@1", registry: scratch.path)
    try registry.promote("demo@1", to: "champion")
    expectPolls([false], &watcher)
    #expect(throws: TernError.self) { try AliasWatcher(reference: "demo", registry: scratch.path) }
  }
}
