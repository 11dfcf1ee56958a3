import Artifacts
import Checkpoints
import Chronology
import Diagnostics
import Files
import Foundation
@testable import Registry
import TestSupport
import Testing

@Suite(.serialized) struct CrashTests {
  /// What was acknowledged is there, what was not is there whole or not at all.
  @Test func killedAtAnyMomentNothingIsLostOrHalfThere() throws {
    var random = SplitMix(state: 4_711)
    var killedDuring: [String: Int] = [:]
    for batch in 0..<10 {
      let scratch = try Scratch()
      let directory = scratch.path + "/registry"
      var digests: [Int: String] = [:]
      var movements = 0
      for round in 0..<10 {
        let helper = try registryWriter(["work", directory, "\(batch * 10 + round)"])
        // Some die while they start; most once they work, however slowly a loaded machine starts them.
        if round % 5 != 0 { helper.awaitFirstLine() }
        usleep(UInt32(random.next() % 60_000))
        helper.kill()
        let (lines, _) = helper.wait()
        for line in lines {
          let words = line.split(separator: " ").map(String.init)
          if words[0] == "registered" { digests[Int(words[1]) ?? 0] = words[2] }
          if words[0] == "moved" { movements = max(movements, Int(words[1]) ?? 0) }
        }
        killedDuring[lines.last.map { String($0.prefix { $0 != " " }) } ?? "start", default: 0] += 1
        try check(directory, digests: digests, movements: movements)
      }
    }
    // The deaths must spread over every step of the work, or the test proves little.
    #expect(["registered", "moved", "published"].allSatisfy { killedDuring[$0] != nil }, "\(killedDuring)")
  }

  private func check(_ directory: String, digests: [Int: String], movements: Int) throws {
    let registry = try ModelRegistry(directory: directory)
    let report = try registry.verify()
    #expect(report.healthy, "\(report.problems)")
    let versions = try registry.list().isEmpty ? [] : registry.versions(of: "signal")
    #expect(versions.map(\.version) == Array(1..<versions.count + 1))
    for (number, digest) in digests {
      #expect(versions.count >= number && versions[number - 1].digest.description == digest)
    }
    let history = versions.isEmpty ? [] : try registry.history(of: "signal")
    #expect(history.count >= movements)
    if let last = history.last {
      #expect(try registry.resolve("signal@champion").version == last.version)
      let record = try ArtifactCatalogue(directory: directory).resolve("signal@champion")
      #expect(record.version == last.version)
      try ArtifactCatalogue(directory: directory).verify(record)
    }
    let published = directory + "-published.safetensors"
    if AtomicFile.exists(published) {
      #expect(try SafetensorsFile(path: published).int32("w").array.count == 5_000)
    }
    if AtomicFile.exists(directory + "-published.h5") { _ = try Checkpoint.read(directory + "-published.h5") }
    _ = try registry.gc(olderThan: -60_000)
    let clean = try registry.verify()
    #expect(clean.healthy && clean.orphans.isEmpty && clean.temporaries.isEmpty)
  }

  @Test func twoProcessesPromotingLeaveOneChampion() throws {
    let scratch = try Scratch()
    let registry = try ModelRegistry(directory: scratch.path + "/registry")
    for content in ["a", "b", "c"] { _ = try registry.register(registration(content: content)) }
    try registry.promote("signal@1", to: "champion")
    let helpers = try [2, 3].map { try registryWriter(["swap", registry.directory, "signal@\($0)", "40"]) }
    for helper in helpers {
      let (lines, status) = helper.wait()
      #expect(status == 0 && lines.count == 40)
    }
    let history = try registry.history(of: "signal", alias: "champion")
    #expect(history.count > 2 && history.dropFirst().map(\.previous) == history.dropLast().map(\.version))
    let champions = try registry.entry("signal").aliases
    #expect(champions == [AliasHolder(alias: "champion", version: try #require(history.last).version)])
    let record = try ArtifactCatalogue(directory: registry.directory).resolve("signal@champion")
    #expect(record.version == champions[0].version)
    #expect(try registry.verify().healthy)
  }

  @Test func ofTwoClaimsOneWins() throws {
    let scratch = try Scratch()
    for round in 0..<5 {
      let registry = try ModelRegistry(directory: scratch.path + "/registry\(round)")
      for content in ["a", "b", "c"] { _ = try registry.register(registration(content: content)) }
      try registry.promote("signal@1", to: "champion")
      let helpers = try [2, 3].map { try registryWriter(["claim", registry.directory, "signal@\($0)", "1"]) }
      #expect(helpers.map { $0.wait().status }.sorted() == [0, 75])
      #expect(try registry.history(of: "signal").count == 2)
    }
  }

  @Test func collectingGarbageSparesWhatIsBeingRegistered() throws {
    let scratch = try Scratch()
    let registry = try ModelRegistry(directory: scratch.path + "/registry")
    let helper = try registryWriter(["work", registry.directory, "1"])
    let end = Date().addingTimeInterval(1)
    var collections = 0
    while Date() < end {
      _ = try registry.gc(olderThan: -60_000)
      collections += 1
      // The work needs room between two collections.
      usleep(15_000)
    }
    helper.kill()
    let registered = helper.wait().lines.filter { $0.hasPrefix("registered") }.count
    #expect(registered > 2 && collections > 2)
    #expect(try registry.verify().healthy)
    #expect(try registry.versions(of: "signal").count >= registered)
  }

  @Test func aLimitOnFileSizesIsTemporaryAndLeavesNothing() throws {
    let scratch = try Scratch()
    let registry = try ModelRegistry(directory: scratch.path + "/registry")
    let helper = try registryWriter(["limited", registry.directory, "1000000"])
    #expect(helper.wait().status == 75)
    #expect(try registry.list().isEmpty)
    let report = try registry.verify()
    #expect(report.healthy && report.temporaries.isEmpty)
  }

  @Test(.enabled(if: TinyDisk.isAvailable, "skipped: a small disk cannot be mounted here"))
  func aFullDiskIsTemporaryAndLeavesNothingHalfDone() throws {
    let disk = try #require(TinyDisk())
    defer { disk.unmount() }
    let registry = try ModelRegistry(directory: disk.path + "/registry")
    for content in ["a", "b"] { _ = try registry.register(registration(content: content)) }
    try registry.promote("signal@1", to: "champion")
    // Leave less and less room, so that every step of the work meets the full disk.
    var refusals = 0
    for spare in stride(from: 0, through: 160_000, by: 4096) {
      disk.fill(sparing: spare)
      var next = registration()
      next.files["weights"] = .bytes([UInt8](repeating: UInt8(spare / 4096), count: 9_000))
      let other = try registry.resolve("signal@champion").version == 1 ? "signal@2" : "signal@1"
      for error in [
        failure { try registry.register(next) }, failure { try registry.promote(other, to: "champion") },
        failure { try ModelRegistry(directory: registry.directory) },
      ] {
        guard let error else { continue }
        #expect(error.kind == .temporary, "\(error)")
        refusals += 1
      }
      disk.empty()
      // With room again, opening heals what the full disk kept from being exported.
      let healed = try ModelRegistry(directory: registry.directory)
      let report = try healed.verify()
      #expect(report.healthy && report.temporaries.isEmpty, "\(report)")
      _ = try healed.gc(olderThan: -60_000)
      try healed.close()
    }
    #expect(refusals > 10)
    #expect(try registry.versions(of: "signal").count > 2)
    #expect(try registry.history(of: "signal").count > 2)
    try registry.close()
  }
}

private func registryWriter(_ arguments: [String]) throws -> SupportProgram {
  try SupportProgram("RegistryWriter", arguments)
}
