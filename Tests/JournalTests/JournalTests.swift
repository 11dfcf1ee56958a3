import Diagnostics
import Files
import Foundation
import Market
import TestSupport
import Testing

@testable import Journal

private let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("Golden/tiny.journal").path

@Suite struct JournalTests {
  /// The bytes that `Golden/make_journal.py` writes with Python's hashlib and struct.
  @Test func writesWhatPythonWrites() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/tiny.journal"
    let journal = try JournalWriter(creating: path)
    try journal.append(.session, time: 1_700_000_000_000) { payload in
      Array(#"{"stack":"phase1","version":1}"#.utf8).withUnsafeBytes { payload.append(unprefixed: $0) }
    }
    try journal.commit(flush: true)
    try journal.append(.bar, time: 1_700_000_060_000) { payload in
      payload.append("BTCUSDT" as StaticString)
      for value in [37000.5, -0.0, .infinity, .leastNonzeroMagnitude] { payload.append(value) }
    }
    try journal.append(.intent, lane: 2, time: 1_700_000_060_000) { payload in
      payload.append(Price(units: 3_700_050_000_000))
      payload.append(true)
      payload.append(Float(0.65))
      payload.append(UInt16.max)
    }
    try journal.append(.verdict, lane: 2, time: 1_700_000_060_001) { _ in }
    try journal.commit(flush: false)
    try journal.append(.stop, lane: 255, time: -1) { payload in
      payload.append("naïve → done")
      payload.append(Int8(-1))
      payload.append(Int16(-2))
      payload.append(Int32(-3))
      payload.append(Int64(-4))
    }
    try journal.commit(flush: true)
    let expected = try AtomicFile.read(golden)
    #expect(try AtomicFile.read(path) == expected)
    #expect(journal.sequence == 5 && journal.byteCount == expected.count)
    #expect(
      journal.lastHash.description == "5e58049b5d35c29541b06fe65eb5bf229e398ece94cb29880dfe08074435cfdb")
  }

  @Test func readsWhatPythonWrites() throws {
    let reader = try JournalReader(path: golden, mode: .strict)
    var commits: [Bool] = []
    var kinds: [JournalKind] = []
    while let record = try reader.next() {
      commits.append(record.isCommit)
      kinds.append(record.kind)
      #expect(record.version == 1 && record.sequence == UInt64(kinds.count - 1))
      if record.kind == .intent {
        var payload = record.reader
        #expect(record.lane == 2 && record.time == 1_700_000_060_000)
        #expect(try payload.read(Price.self) == Price(units: 3_700_050_000_000))
        #expect(try payload.readBool())
        #expect(try payload.readFloat() == 0.65)
        #expect(try payload.readUInt16() == .max)
        try payload.finish()
      }
    }
    #expect(commits == [true, false, false, true, true])
    #expect(kinds.map(\.description) == ["session", "bar", "intent", "verdict", "stop"])
    #expect(reader.offset == reader.byteCount && reader.sequence == 5 && reader.tornTail == nil)
    #expect(
      reader.lastHash.description == "5e58049b5d35c29541b06fe65eb5bf229e398ece94cb29880dfe08074435cfdb")
    #expect(try reader.next() == nil)
  }

  /// Groups of any size, some larger than the reader's block, written in several sittings.
  @Test func whatIsWrittenIsRead() throws {
    let scratch = try ScratchDirectory()
    var random = SplitMix(state: 7)
    for round in 0..<20 {
      let path = scratch.path + "/\(round).journal"
      var entries: [Entry] = []
      var end = Boundary(offset: JournalFormat.headerBytes, sequence: 0, hash: JournalFormat.firstHash)
      for sitting in 0..<4 {
        let journal =
          sitting == 0 ? try JournalWriter(creating: path) : try JournalWriter(resuming: path)
        #expect(journal.tornTail == nil)
        #expect(
          Boundary(offset: journal.byteCount, sequence: journal.sequence, hash: journal.lastHash) == end)
        for _ in 0..<Int.random(in: 1...12, using: &random) {
          for _ in 0..<Int.random(in: 0...12, using: &random) {
            let longest = Int.random(in: 0..<60, using: &random) == 0 ? 700_000 : 500
            var entry = Entry.random(&random, longest: longest)
            if entries.isEmpty { entry.kind = .session }
            entries.append(entry)
            try journal.append(entry)
          }
          try journal.commit(flush: false)
          #expect(journal.pendingRecords == 0 && journal.sequence == UInt64(entries.count))
        }
        end = Boundary(offset: journal.byteCount, sequence: journal.sequence, hash: journal.lastHash)
      }
      #expect(try read(path, .strict) == entries)
      #expect(try read(path, .recovering) == entries)
    }
  }

  @Test func aGroupMayBeDropped() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/a.journal"
    let journal = try JournalWriter(creating: path)
    try journal.append(.session, time: 1) { $0.append(1) }
    try journal.commit(flush: false)
    let (hash, size) = (journal.lastHash, journal.byteCount)
    try journal.append(.bar, time: 2) { $0.append(2) }
    try journal.append(.bar, time: 2) { $0.append(3) }
    #expect(journal.pendingRecords == 2)
    journal.discard()
    try journal.commit(flush: true)
    #expect(journal.sequence == 1 && journal.lastHash == hash && journal.byteCount == size)
    try journal.append(.event, time: 3) { $0.append(4) }
    try journal.commit(flush: false)
    #expect(try read(path, .strict).map(\.time) == [1, 3])
  }

  @Test func aRecordThatCannotBeWrittenLeavesItsGroupAsItWas() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/a.journal"
    let journal = try JournalWriter(creating: path)
    #expect(failure { try journal.append(.bar, time: 0) { _ in } }?.kind == .internalFailure)
    try journal.append(.session, time: 1) { $0.append(1) }
    let broken = TernError(.data, "broken")
    #expect(throws: broken) {
      try journal.append(.bar, time: 2) { payload throws(TernError) in
        payload.append(5)
        throw broken
      }
    }
    let large = [UInt8](repeating: 1, count: JournalFormat.maximumPayloadBytes)
    large.withUnsafeBytes { large in
      let tooLong = failure {
        try journal.append(.bar, time: 2) { payload in
          payload.append(unprefixed: large)
          payload.append(true)
        }
      }
      #expect(tooLong?.kind == .internalFailure && tooLong?.message.contains("record 1 (bar)") == true)
      #expect(failure { try journal.append(.bar, time: 3, payload: large) } == nil)
      let overfull = failure { try journal.append(.bar, time: 4, payload: large) }
      #expect(overfull?.message.contains("commit more often") == true)
    }
    try journal.append(.stop, time: 5) { _ in }
    try journal.commit(flush: false)
    #expect(try read(path, .strict).map(\.time) == [1, 3, 5])
  }

  @Test func anExistingFileIsNotOverwritten() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/a.journal"
    try AtomicFile.write(Array("precious".utf8), to: path)
    #expect(failure { try JournalWriter(creating: path) }?.kind == .data)
    #expect(failure { try JournalWriter(creating: scratch.path + "/none/a.journal") }?.file != nil)
    #expect(failure { try JournalWriter(resuming: scratch.path + "/none") }?.kind == .data)
    #expect(failure { try JournalReader(path: scratch.path, mode: .strict) }?.kind == .data)
    mkfifo(scratch.path + "/pipe", 0o600)
    #expect(failure { try JournalReader(path: scratch.path + "/pipe", mode: .strict) }?.kind == .data)
    let error = failure { try JournalWriter(resuming: path) }
    #expect(error?.kind == .data && error?.key == "header")
    #expect(try AtomicFile.read(path) == Array("precious".utf8))
  }

  @Test func aReplayThatThrowsLeavesTheFileAsItWas() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/a.journal"
    let sample = try Sample.small(at: path)
    let torn = sample.bytes + [1, 0, 0]
    try AtomicFile.write(torn, to: path)
    let refused = TernError(.data, "refused")
    #expect(throws: refused) {
      try JournalWriter(resuming: path) { record throws(TernError) in
        if record.sequence == 6 { throw refused }
      }
    }
    #expect(try AtomicFile.read(path) == torn)
  }

  @Test func aReaderFollowsUpToTheSizeAtItsStart() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/a.journal"
    let journal = try JournalWriter(creating: path)
    try journal.append(.session, time: 1) { _ in }
    try journal.commit(flush: false)
    let reader = try JournalReader(path: path, mode: .strict)
    try journal.append(.bar, time: 2) { _ in }
    try journal.commit(flush: false)
    #expect(try reader.next()?.time == 1)
    #expect(try reader.next() == nil)
    #expect(try read(path, .strict).count == 2)
  }
}
