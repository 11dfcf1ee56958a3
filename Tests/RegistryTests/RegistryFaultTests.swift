import Artifacts
import Chronology
import Diagnostics
import Files
import Foundation
import GRDB
@testable import Registry
import Testing

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
    // Likewise for a registry that is open already.
    try AtomicFile.write(before, to: path)
    try AtomicFile.write(generation, to: registry.directory + "/exports.generation")
    #expect(try registry.verify().healthy && AtomicFile.read(path) == after)
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
