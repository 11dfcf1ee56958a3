import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@testable import Journal

@Suite(.serialized) struct CrashTests {
  /// Killed at any moment: the journal verifies, and every acknowledged group is there, whole and as it was.
  @Test func killedAtAnyMomentNothingAcknowledgedIsLost() throws {
    var random = SplitMix(state: 11)
    var acknowledged = 0
    for batch in 0..<10 {
      let scratch = try ScratchDirectory()
      let path = scratch.path + "/work.journal"
      for round in 0..<10 {
        let probe = try SupportProgram("JournalProbe", ["work", path, "\(batch * 10 + round)"])
        // Some die while they start; most once they work.
        if round % 5 != 4 { probe.awaitFirstLine() }
        usleep(UInt32(random.next() % 20_000))
        probe.kill()
        let lines = probe.wait().lines
        guard AtomicFile.exists(path) else { continue }
        var hashes: [ChainHash] = [JournalFormat.firstHash]
        let reader = try JournalReader(path: path, mode: .recovering)
        while let record = try reader.next() {
          try check(record)
          hashes.append(reader.lastHash)
        }
        for line in lines {
          let words = line.split(separator: " ")
          let count = try #require(Int(words[1]))
          try #require(count < hashes.count, "\(line)")
          if hashes[count].description != words[2] { Issue.record("\(line)") }
          acknowledged += words[0] == "resumed" ? 0 : 1
        }
        let journal = try JournalWriter(resuming: path)
        #expect(journal.lastHash == reader.lastHash && journal.sequence == reader.sequence)
        #expect(try read(path, .strict).count == hashes.count - 1)
      }
    }
    #expect(acknowledged > 1_000)
  }

  /// The content that the probe derives from the sequence.
  private func check(_ record: JournalRecord) throws {
    var payload = record.reader
    var state = record.sequence
    var agrees = true
    for _ in 0..<record.sequence % 97 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      agrees = try payload.readUInt64() == state && agrees
    }
    try payload.finish()
    if !agrees { Issue.record("\(record.place) is not what was appended") }
  }

  @Test func aSecondWriterIsRefusedWhileTheFirstLives() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/a.journal"
    let sample = try Sample.small(at: path)
    let holder = try SupportProgram("JournalProbe", ["hold", path])
    holder.awaitFirstLine()
    let error = failure { try JournalWriter(resuming: path) }
    #expect(error?.kind == .temporary && error?.file == path)
    let second = try SupportProgram("JournalProbe", ["hold", path])
    #expect(second.wait().status == 75)
    // Reading is free.
    #expect(try read(path, .strict).count == Int(sample.boundaries.last?.sequence ?? 0))
    holder.kill()
    _ = holder.wait()
    let journal = try JournalWriter(resuming: path)
    #expect(failure { try JournalWriter(resuming: path) }?.kind == .temporary)
    try journal.append(.stop, time: 1) { _ in }
    try journal.commit(flush: true)
    #expect(try AtomicFile.read(path).starts(with: sample.bytes))
  }

  /// A write that the system cuts short and then refuses is undone, and may be tried again.
  @Test func aLimitOnTheFileIsTemporary() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/a.journal"
    let probe = try SupportProgram("JournalProbe", ["limited", path, "100000"])
    let (lines, status) = probe.wait()
    #expect(status == 0 && lines.dropLast().last == "refused 75")
    let journal = try JournalWriter(resuming: path)
    #expect(journal.tornTail == nil)
    #expect(lines.last == "committed \(journal.sequence) \(journal.lastHash)")
  }

  @Test(.enabled(if: TinyDisk.isAvailable, "skipped: a small disk cannot be mounted here"))
  func aFullDiskIsTemporaryAndLosesNothing() throws {
    let disk = try #require(TinyDisk())
    defer { disk.unmount() }
    let path = disk.path + "/a.journal"
    let block = [UInt8](repeating: 7, count: 3_000)
    var expected = 1
    var refusals = 0
    do {
      let journal = try JournalWriter(creating: path)
      try journal.append(.session, time: 0) { _ in }
      try journal.commit(flush: true)
      for spare in stride(from: 0, through: 24_000, by: 4_000) {
        disk.fill(sparing: spare)
        let (hash, size, sequence) = (journal.lastHash, journal.byteCount, journal.sequence)
        for _ in 0..<5 {
          try block.withUnsafeBytes { block in
            _ = try journal.append(.event, time: Int64(spare)) { $0.append(unprefixed: block) }
          }
        }
        if let error = failure({ try journal.commit(flush: true) }) {
          refusals += 1
          #expect(error.kind == .temporary && error.file == path)
          #expect(journal.lastHash == hash && journal.byteCount == size && journal.sequence == sequence + 5)
          #expect(try AtomicFile.read(path).count == size)
          #expect(try read(path, .strict).count == expected)
          disk.empty()
          try journal.commit(flush: true)
        }
        disk.empty()
        expected += 5
        #expect(try read(path, .strict).count == expected)
      }
      disk.fill(sparing: 0)
      #expect(failure { try JournalWriter(creating: disk.path + "/b.journal") }?.kind == .temporary)
      #expect(!AtomicFile.exists(disk.path + "/b.journal"))
      disk.empty()
    }
    #expect(refusals > 2)
    #expect(try JournalWriter(resuming: path).sequence == UInt64(expected))
  }

  /// After a failed flush nobody knows what the disk holds: nothing is acknowledged any more.
  @Test func aFailedFlushEndsTheWriter() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/a.journal"
    do {
      let file = try FailingFile(creating: path)
      let journal = try JournalWriter(created: file)
      try journal.append(.session, time: 0) { _ in }
      try journal.commit(flush: true)
      file.failsToFlush = true
      try journal.append(.bar, time: 1) { _ in }
      try journal.commit(flush: false)
      #expect(failure { try journal.commit(flush: true) } == FailingFile.error)
      file.failsToFlush = false
      #expect(failure { try journal.commit(flush: true) } == FailingFile.error)
      #expect(failure { try journal.append(.bar, time: 2) { _ in } } == FailingFile.error)
    }
    #expect(try JournalWriter(resuming: path).sequence == 2)
  }

  /// A write that fails halfway and cannot be undone ends the writer; resuming cuts the half off.
  @Test func aHalfWrittenGroupThatCannotBeUndoneEndsTheWriter() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/a.journal"
    do {
      let file = try FailingFile(creating: path)
      let journal = try JournalWriter(created: file)
      try journal.append(.session, time: 0) { _ in }
      try journal.commit(flush: true)
      file.failsToWrite = true
      try journal.append(.bar, time: 1) { $0.append("half of this") }
      #expect(failure { try journal.commit(flush: true) } == FailingFile.error)
      file.failsToWrite = false
      #expect(failure { try journal.commit(flush: true) } == FailingFile.error)
    }
    let journal = try JournalWriter(resuming: path)
    #expect(journal.sequence == 1 && journal.tornTail?.cause == .record)
  }

  /// Appending and reading allocate nothing after warm-up; the times are printed, not judged.
  @Test func aRecordCostsNoAllocation() throws {
    let scratch = try ScratchDirectory()
    let (lines, status) = try SupportProgram("JournalMeter", [scratch.path]).wait()
    #expect(status == 0)
    let words = lines.map { $0.split(separator: " ").map(String.init) }
    #expect(words.contains { $0[0] == "probe" && $0[1] != "0" })
    let counts = words.filter { $0[0].hasSuffix("allocations") }
    #expect(counts.count == 4 && counts.allSatisfy { $0[2] == "0" }, "\(lines)")
    print(lines.joined(separator: "\n"))
  }
}

/// A file whose system calls fail when told to.
private final class FailingFile: JournalFile {
  static let error = TernError(.internalFailure, "the disk is broken")
  var failsToFlush = false
  var failsToWrite = false

  override func flush() throws(TernError) {
    if failsToFlush { throw Self.error }
    try super.flush()
  }

  override func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(TernError) {
    guard failsToWrite else { return try super.write(bytes, at: offset) }
    try super.write(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)]), at: offset)
    throw Self.error
  }

  override func truncate(to size: Int) throws(TernError) {
    if failsToWrite { throw Self.error }
    try super.truncate(to: size)
  }
}
