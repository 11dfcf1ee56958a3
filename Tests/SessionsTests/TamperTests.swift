import Diagnostics
import Files
import Foundation
import Journal
import Market
import TestSupport
import Testing

@testable import Sessions

/// Nothing that was altered is certified or taken up.
@Suite struct TamperTests {
  private static func small(_ directory: String, events: Int) throws -> (path: String, bytes: [UInt8]) {
    let path = directory + "/small.journal"
    let ground = try ProvingGround.standard()
    // The features of the small stacks are known after about a hundred candles.
    let session = try ground.recorded(path)
    try ground.run(session, events: events)
    return (path, try AtomicFile.read(path))
  }

  private static func error(_ body: () throws -> Void) -> TernError? {
    do { try body() } catch { return error as? TernError ?? TernError(.internalFailure, "\(error)") }
    return nil
  }

  @Test func everyAlteredByteIsNamed() throws {
    let ground = try ProvingGround.standard()
    let scratch = try MemoryDirectory()
    let (path, original) = try TamperTests.small(scratch.path, events: 60)
    _ = try Session.certify(journal: path, stacks: ground, feeds: ground.feed())
    var bytes = original
    for place in bytes.indices {
      bytes[place] ^= UInt8(1 << (place % 8))
      try write(bytes, path)
      bytes[place] = original[place]
      let error = TamperTests.error {
        _ = try Session.certify(journal: path, stacks: ground, feeds: ground.feed())
      }
      guard let error, error.kind == .data, error.file == path, error.key != nil else {
        Issue.record("byte \(place): \(String(describing: error))")
        return
      }
    }
  }

  /// Whoever alters a record and makes the chain fit again is found by what follows from the inputs, or by the source.
  @Test func aForgedRecordIsFound() throws {
    let ground = try ProvingGround.standard()
    let scratch = try MemoryDirectory()
    let (path, _) = try TamperTests.small(scratch.path, events: 600)
    struct Copy {
      var kind: JournalKind
      var lane: UInt8
      var time: Int64
      var isCommit: Bool
      var payload: [UInt8]
    }
    var records: [Copy] = []
    let reader = try JournalReader(path: path, mode: .strict)
    while let record = try reader.next() {
      records.append(
        Copy(
          kind: record.kind, lane: record.lane, time: record.time, isCommit: record.isCommit,
          payload: Array(record.payload)))
    }
    #expect(Set(records.map(\.kind)).isSuperset(of: [.bar, .decision, .intent, .verdict, .order, .fill]))
    var random = SplitMix(state: 1)
    for round in 0..<proofCount(400, full: 10_000) {
      let chosen = 1 + Int(random.next() % UInt64(records.count - 1))
      guard !records[chosen].payload.isEmpty else { continue }
      let place = Int(random.next() % UInt64(records[chosen].payload.count))
      let forged = scratch.path + "/forged"
      try? FileManager.default.removeItem(atPath: forged)
      let writer = try JournalWriter(creating: forged)
      for (index, record) in records.enumerated() {
        var payload = record.payload
        if index == chosen { payload[place] ^= UInt8(1 << (random.next() % 8)) }
        try payload.withUnsafeBytes {
          _ = try writer.append(record.kind, lane: record.lane, time: record.time, payload: $0)
        }
        if record.isCommit { try writer.commit(flush: false) }
      }
      let error = TamperTests.error {
        _ = try Session.certify(journal: forged, stacks: ground, feeds: ground.feed())
      }
      guard let error, error.kind == .data, error.file == forged, error.key?.contains("record") == true else {
        Issue.record(
          "round \(round), record \(chosen) \(records[chosen].kind), byte \(place): \(String(describing: error))"
        )
        return
      }
    }
  }

  @Test func anAlteredCandleOfTheSourceIsNamed() throws {
    let ground = try ProvingGround.standard()
    let scratch = try MemoryDirectory()
    let (path, _) = try TamperTests.small(scratch.path, events: 300)
    for index in [0, 57, 100] {
      var altered = ground.data
      altered.candles.close[index] = altered.candles.close[index].nextUp
      altered.candles.high[index] = max(altered.candles.high[index], altered.candles.close[index])
      let error = try #require(
        TamperTests.error {
          _ = try Session.certify(journal: path, stacks: ground, feeds: ground.feed(altered))
        })
      #expect(error.kind == .data && error.message.contains("is not the source's"), "\(error)")
      #expect(error.key?.contains("record") == true, "\(error)")
    }
    let shorter = ProvingGround.head(ground.data, 50)
    let error = TamperTests.error {
      _ = try Session.certify(journal: path, stacks: ground, feeds: ground.feed(shorter))
    }
    #expect(error?.message.contains("the source ends") == true)
  }

  /// A mutated journal is refused, or what is taken from it is a whole number of the original's groups.
  @Test func mutatedJournalsAreRefusedOrCutBackToTheirBeginning() throws {
    let ground = try ProvingGround.standard()
    let scratch = try MemoryDirectory()
    let (path, original) = try TamperTests.small(scratch.path, events: 40)
    var random = SplitMix(state: 77)
    let count = proofCount(4_000, full: 200_000)
    let begun = Date()
    var (certified, resumed) = (0, 0)
    for round in 0..<count {
      let mutated = mutate(original, &random)
      guard mutated != original else { continue }
      let isPrefix = mutated.count < original.count && original.starts(with: mutated)
      try write(mutated, path)
      let error = TamperTests.error { _ = try Session.certify(journal: path, stacks: ground) }
      if error == nil { certified += 1 }
      guard isPrefix || (error?.kind == .data && error?.file == path) else {
        Issue.record("round \(round): certified \(mutated.count) bytes, \(String(describing: error))")
        return
      }
      let refusal = TamperTests.error {
        let session = try Session.resumed(journal: path, stacks: ground, flushes: false)
        _ = session.session?.equity
      }
      let left = try AtomicFile.read(path)
      if let refusal {
        guard refusal.kind == .data, left == mutated else {
          Issue.record("round \(round): \(refusal), \(left.count) of \(mutated.count) bytes left")
          return
        }
      } else {
        resumed += 1
        guard left.count <= original.count, original.starts(with: left) else {
          Issue.record("round \(round): taken up with bytes that are not the original's")
          return
        }
      }
    }
    print(
      "journal mutations: \(count), \(certified) complete beginnings certified, \(resumed) cut back and taken up, "
        + "\(Int(Date().timeIntervalSince(begun))) s")
    #expect(resumed > 0 && resumed < count / 2)
  }

  private func mutate(_ original: [UInt8], _ random: inout SplitMix) -> [UInt8] {
    var bytes = original
    func place(_ count: Int) -> Int { Int(random.next() % UInt64(max(1, count))) }
    for _ in 0...(random.next() % 3) {
      guard !bytes.isEmpty else { return bytes }
      let (at, length) = (place(bytes.count), 1 + place(80))
      let end = min(bytes.count, at + length)
      switch random.next() % 9 {
      case 0, 1: bytes[at] ^= UInt8(1 << (random.next() % 8))
      case 2: bytes[at] = UInt8(truncatingIfNeeded: random.next())
      case 3: bytes.removeSubrange(at..<end)
      case 4:
        bytes.insert(contentsOf: (at..<end).map { _ in UInt8(truncatingIfNeeded: random.next()) }, at: at)
      case 5: bytes.removeLast(min(bytes.count, place(600)))
      case 6: bytes.append(contentsOf: bytes[at..<end])
      case 7: for index in at..<end { bytes[index] = 0 }
      default:
        let other = place(bytes.count - (end - at))
        bytes.insert(contentsOf: Array(bytes[at..<end]), at: other)
      }
    }
    return bytes
  }

  private func write(_ bytes: [UInt8], _ path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(file) }
    #expect(bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == bytes.count)
  }
}

/// A directory in memory where there is one, so that many small files cost no disk.
struct MemoryDirectory: ~Copyable {
  let path: String

  init() throws {
    let shared = "/dev/shm"
    let base = access(shared, W_OK) == 0 ? shared + "/" : NSTemporaryDirectory()
    path = base + "tern-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension ProvingGround {
  /// The first candles of a market.
  static func head(_ data: MarketData, _ count: Int) -> MarketData {
    var result = data
    var candles = CandleSeries(symbol: data.candles.symbol, interval: data.candles.interval)
    for index in 0..<min(count, data.candles.count) { candles.append(data.candles[index]) }
    result.candles = candles
    let end = candles.closeTime(candles.count - 1)
    if var funding = data.funding {
      let kept = funding.time.prefix { $0 <= end }.count
      funding.time.removeSubrange(kept...)
      funding.rate.removeSubrange(kept...)
      result.funding = funding
    }
    return result
  }
}
