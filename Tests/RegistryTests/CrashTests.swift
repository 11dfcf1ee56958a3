import Artifacts
import Checkpoints
import Chronology
import Diagnostics
import Files
import Foundation
import GRDB
@testable import Registry
import Testing

@Suite(.serialized) struct CrashTests {
  /// What was acknowledged is there, what was not is there whole or not at all.
  @Test func killedAtAnyMomentNothingIsLostOrHalfThere() throws {
    var random = SystemlessRandom(state: 4_711)
    var killedDuring: [String: Int] = [:]
    for batch in 0..<10 {
      let scratch = try Scratch()
      let directory = scratch.path + "/registry"
      var digests: [Int: String] = [:]
      var movements = 0
      for round in 0..<10 {
        let helper = try Helper(["work", directory, "\(batch * 10 + round)"])
        usleep(2_000 + UInt32(random.next() % 60_000))
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
    // The delays must spread over the steps of the work, or the test proves little.
    #expect(killedDuring.count >= 4, "\(killedDuring)")
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
    let published = directory + "/published.safetensors"
    if AtomicFile.exists(published) {
      #expect(try SafetensorsFile(path: published).int32("w").array.count == 5_000)
    }
    if AtomicFile.exists(directory + "/published.h5") { _ = try Checkpoint.read(directory + "/published.h5") }
    _ = try registry.gc(olderThan: -60_000)
    let clean = try registry.verify()
    #expect(clean.healthy && clean.orphans.isEmpty && clean.temporaries.isEmpty)
  }

  @Test func twoProcessesPromotingLeaveOneChampion() throws {
    let scratch = try Scratch()
    let registry = try ModelRegistry(directory: scratch.path + "/registry")
    for content in ["a", "b", "c"] { _ = try registry.register(registration(content: content)) }
    try registry.promote("signal@1", to: "champion")
    let helpers = try [2, 3].map { try Helper(["swap", registry.directory, "signal@\($0)", "40"]) }
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
      let helpers = try [2, 3].map { try Helper(["claim", registry.directory, "signal@\($0)", "1"]) }
      #expect(helpers.map { $0.wait().status }.sorted() == [0, 75])
      #expect(try registry.history(of: "signal").count == 2)
    }
  }

  @Test func collectingGarbageSparesWhatIsBeingRegistered() throws {
    let scratch = try Scratch()
    let registry = try ModelRegistry(directory: scratch.path + "/registry")
    let helper = try Helper(["work", registry.directory, "1"])
    let end = Date().addingTimeInterval(1)
    var collections = 0
    while Date() < end {
      _ = try registry.gc(olderThan: -60_000)
      collections += 1
      usleep(2_000)
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
    let helper = try Helper(["limited", registry.directory, "1000000"])
    #expect(helper.wait().status == 75)
    #expect(try registry.list().isEmpty)
    let report = try registry.verify()
    #expect(report.healthy && report.temporaries.isEmpty)
  }

  @Test(.enabled(if: tinyDisk != nil, "skipped: a small disk cannot be mounted here"))
  func aFullDiskIsTemporaryAndLeavesNothingHalfDone() throws {
    let disk = try #require(tinyDisk)
    defer {
      umount(disk)
      rmdir(disk)
    }
    let registry = try ModelRegistry(directory: disk + "/registry")
    var refused: TernError?
    var count = 0
    while refused == nil && count < 100 {
      var next = registration()
      next.files["weights"] = .bytes([UInt8](repeating: UInt8(count), count: 150_000))
      refused = failure { try registry.register(next) }
      count += 1
    }
    #expect(refused?.kind == .temporary, "\(String(describing: refused))")
    let versions = try registry.versions(of: "signal").count
    #expect(versions >= 1 && versions <= count)
    let report = try registry.verify()
    #expect(report.problems.allSatisfy { $0.kind == .export } && report.temporaries.isEmpty, "\(report)")
    // With room again, opening heals what the full disk kept from being exported.
    _ = try? registry.gc(olderThan: -60_000)
    try registry.close()
  }
}

@Suite struct RegistryFaultTests {
  @Test func aLockedRegistryIsTemporary() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    _ = try registry.register(registration())
    var configuration = GRDB.Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: registry.directory + "/registry.sqlite", configuration: configuration)
    try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
    let start = Date()
    #expect(failure { try registry.register(registration(content: "b")) }?.kind == .temporary)
    #expect(failure { try registry.promote("signal@1", to: "champion") }?.kind == .temporary)
    #expect(Date().timeIntervalSince(start) < 5)
    #expect(try registry.resolve("signal@1").version == 1)
    try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
    try registry.promote("signal@1", to: "champion")
    let lock = open(registry.directory + "/registry.lock", O_RDWR)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    #expect(failure { try registry.register(registration(content: "c")) }?.kind == .temporary)
    #expect(failure { try scratch.registry() }?.kind == .temporary)
    #expect(failure { try registry.gc() }?.kind == .temporary)
  }

  @Test func foreignAndDamagedDatabasesAreRefused() throws {
    let scratch = try Scratch()
    let directory = scratch.path + "/registry"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let path = directory + "/registry.sqlite"
    try Data(
      "this is no database, though long enough to hold a header of one hundred bytes, or so it seems to be"
        .utf8
    )
    .write(to: URL(fileURLWithPath: path))
    #expect(failure { try scratch.registry() }?.kind == .data)
    unlink(path)
    let foreign = try DatabaseQueue(path: path)
    try foreign.write { try $0.execute(sql: "CREATE TABLE customers (id INTEGER)") }
    try foreign.close()
    #expect(failure { try scratch.registry() }?.message.contains("no Tern registry") == true)
    #expect(failure { try ModelRegistry(directory: scratch.path + "/absent", create: false) }?.kind == .data)
    #expect(!AtomicFile.exists(scratch.path + "/absent"))
  }

  @Test func aDamagedPageIsReportedAsData() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    for content in 0..<40 { _ = try registry.register(registration(content: "\(content)")) }
    try registry.close()
    let path = registry.directory + "/registry.sqlite"
    let original = try Data(contentsOf: URL(fileURLWithPath: path))
    var noticed = 0
    for start in stride(from: 4096, to: original.count, by: 4096) {
      var bytes = original
      bytes.replaceSubrange(start..<start + 2048, with: repeatElement(0xA5, count: 2048))
      try bytes.write(to: URL(fileURLWithPath: path))
      do throws(TernError) {
        let damaged = try ModelRegistry(directory: registry.directory, busyTimeout: 0.2)
        if try !damaged.verify().healthy { noticed += 1 }
        try damaged.close()
      } catch {
        #expect(error.kind == .data, "\(error)")
        noticed += 1
      }
    }
    #expect(noticed == (original.count - 1) / 4096)
  }

  @Test func aTamperedRowIsNoticed() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    _ = try registry.register(registration())
    let other = try DatabaseQueue(path: registry.directory + "/registry.sqlite")
    try other.write { try $0.execute(sql: "UPDATE version SET manifest = replace(manifest, '0.61', '0.99')") }
    #expect(failure { try registry.resolve("signal@1") }?.key == "signal@1")
    #expect(failure { try registry.promote("signal@1", to: "champion") }?.kind == .data)
    #expect(try registry.verify().problems.map(\.kind) == [.manifest])
    try other.write {
      try $0.execute(sql: "UPDATE version SET manifest = replace(manifest, '0.99', '0.61')")
      try $0.execute(sql: "UPDATE file SET size = size + 1 WHERE role = 'weights'")
    }
    #expect(try registry.verify().problems.map(\.subject) == ["signal@1"])
  }

  @Test func exportedRecordsAreHealed() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    for content in ["a", "b"] { _ = try registry.register(registration(content: content)) }
    try registry.promote("signal@1", to: "champion")
    let path = registry.directory + "/aliases/signal/champion.json"
    let before = try AtomicFile.read(path)
    let generation = try AtomicFile.read(registry.directory + "/exports.generation")
    try registry.promote("signal@2", to: "champion")
    let after = try AtomicFile.read(path)
    #expect(before != after)
    // As a crash between the commit and the rename leaves it: the next opening puts it right.
    try AtomicFile.write(before, to: path)
    try AtomicFile.write(generation, to: registry.directory + "/exports.generation")
    _ = try scratch.registry()
    #expect(try AtomicFile.read(path) == after)
    // Altered behind our back, the generation says nothing: verify finds it, and repairs on demand.
    try AtomicFile.write(before, to: path)
    unlink(registry.directory + "/versions/signal/1.json")
    try AtomicFile.write(before, to: registry.directory + "/aliases/signal/ghost.json")
    let subjects = ["aliases/signal/champion.json", "aliases/signal/ghost.json", "versions/signal/1.json"]
    #expect(try registry.verify().problems.map(\.subject).sorted() == subjects)
    let repaired = try registry.verify(repair: true)
    #expect(repaired.healthy && repaired.repaired.map(\.subject).sorted() == subjects)
    #expect(try registry.verify().healthy && AtomicFile.read(path) == after)
  }

  @Test func garbageIsCollectedByAgeAndNeverWhatIsReferenced() throws {
    let scratch = try Scratch()
    let old = try ModelRegistry(directory: scratch.path + "/registry")
    let version = try old.register(registration()).version
    let orphan = old.directory + "/objects/ab/orphan"
    try FileManager.default.createDirectory(
      atPath: old.directory + "/objects/ab", withIntermediateDirectories: true)
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: orphan))
    try Data([1]).write(to: URL(fileURLWithPath: old.directory + "/incoming/1-1"))
    #expect(try old.verify().orphans == ["objects/ab/orphan"] && old.verify().temporaries == ["incoming/1-1"])
    #expect(try old.gc(olderThan: 60_000).objects.isEmpty)
    let dry = try old.gc(olderThan: -60_000, dryRun: true)
    #expect(dry.objects == ["objects/ab/orphan"] && AtomicFile.exists(orphan))
    let report = try old.gc(olderThan: -60_000)
    #expect(
      report.objects == ["objects/ab/orphan"] && report.temporaries == ["incoming/1-1"] && report.bytes == 4)
    #expect(!AtomicFile.exists(orphan))
    for file in version.manifest.files { #expect(AtomicFile.exists(old.path(of: file.digest))) }
    #expect(try old.verify().healthy && old.verify().orphans.isEmpty)
  }

  @Test func theResultsAreJSON() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    let result = try registry.register(registration())
    let promotion = try registry.promote("signal@1", to: "champion")
    func roundTrip<Value: Codable & Equatable>(_ value: Value) throws -> Bool {
      try CanonicalJSON.decode(Value.self, from: CanonicalJSON.encode(value)) == value
    }
    #expect(try roundTrip(result) && roundTrip(promotion) && roundTrip(registry.list()))
    #expect(
      try roundTrip(registry.verify()) && roundTrip(registry.gc())
        && roundTrip(registry.diff("signal@1", "signal@1")))
    #expect(try roundTrip(registry.gateFindings("signal@1", for: "champion")))
  }
}

/// A disk of one MiB, where the test may mount one.
private let tinyDisk: String? = {
  let path = NSTemporaryDirectory() + "tern-registry-disk-\(getpid())"
  guard mkdir(path, 0o700) == 0, mount("tmpfs", path, "tmpfs", 0, "size=1m") == 0 else {
    rmdir(path)
    return nil
  }
  return path
}()

/// SplitMix64, for reproducible delays.
private struct SystemlessRandom: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
