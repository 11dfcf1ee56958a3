import Diagnostics
import Files
import Foundation
import Journal
import Market
import Orders
import Stacks
import TestSupport
import Testing

@testable import Sessions

/// Backtest, replay, recovery, reload and certificate are the same decisions, byte for byte.
@Suite struct ReplayEqualityTests {
  @Test func backtestReplayAndKilledSessionsAreByteIdentical() throws {
    let ground = try ProvingGround.standard()
    let scratch = try ScratchDirectory()
    let backtest = try Session.unrecorded(header: ground.header(), stacks: ground, time: ground.start())
    try ground.run(backtest)
    #expect(backtest.intentCount > 100 && backtest.lanes[0].counters.trades > 10)
    let path = scratch.path + "/whole.journal"
    let whole = try ground.recorded(path)
    try ground.run(whole)
    #expect(whole.intentsDigest == backtest.intentsDigest && whole.intentCount == backtest.intentCount)
    #expect(difference(whole, backtest) == nil)
    let bytes = try AtomicFile.read(path)
    let certificate = try Session.certify(journal: path, stacks: ground, feeds: ground.feed())
    #expect(certificate.intentsDigest == backtest.intentsDigest && certificate.isComparedWithData)
    #expect(certificate.decisions == backtest.lanes[0].counters.decisions)

    var random = SplitMix(state: 5)
    for round in 0..<proofCount(4, full: 40) {
      let path = "\(scratch.path)/killed-\(round).journal"
      try ground.run(try ground.recorded(path), events: Int(random.next() % 300))
      var kills = 0
      while true {
        // What a crash leaves: anything of the last group, or none.
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        let lost = random.next() % 3 == 0 ? 0 : Int(random.next() % 600)
        truncate(path, off_t(max(0, size - lost)))
        let session = try ground.resumed(path)
        if let text = try firstRepetition(session, ground) { Issue.record("round \(round): \(text)") }
        kills += 1
        let events = Int(random.next() % 500)
        try ground.run(session, events: events)
        if try ground.feed(from: session).next() == nil { break }
      }
      #expect(kills > 1)
      #expect(try AtomicFile.read(path) == bytes, "round \(round)")
    }
  }

  /// What a session that was taken up asks its feed for is what it does not have yet.
  private func firstRepetition(_ session: Session, _ ground: ProvingGround) throws -> String? {
    guard let decision = session.lanes[0].decisions[0] else { return nil }
    let feed = ground.feed(from: session)
    while let next = try feed.next() {
      guard case .candle(let candle) = next.event else { continue }
      return candle.openTime > decision.openTime ? nil : "candle \(candle.openTime) comes twice"
    }
    return nil
  }

  @Test func variantsLeaveTheChampionsRecordsAsTheyAre() throws {
    let ground = try ProvingGround.standard()
    let scratch = try ScratchDirectory()
    func records(_ name: String, _ lanes: [String]) throws -> ([[UInt8]], Session) {
      let path = "\(scratch.path)/\(name)"
      let session = try ground.recorded(path, lanes)
      try ground.run(session)
      let reader = try JournalReader(path: path, mode: .strict)
      var records: [[UInt8]] = []
      while let record = try reader.next() {
        guard record.lane == 0, record.kind != .session else { continue }
        records.append(Array("\(record.kind) \(record.time) ".utf8) + Array(record.payload))
      }
      _ = try Session.certify(journal: path, stacks: ground, feeds: ground.feed())
      return (records, session)
    }
    let (alone, first) = try records("alone", ["champion"])
    let (together, second) = try records("together", ["champion", "challenger", "shadow"])
    #expect(alone == together && alone.count > 3_000)
    #expect(first.intentsDigest == second.intentsDigest && first.lanes[0].account == second.lanes[0].account)
    for lane in second.lanes {
      #expect(lane.counters.decisions == second.lanes[0].counters.decisions)
      #expect(lane.counters.trades > 10)
    }
    #expect(second.lanes[0].account != second.lanes[1].account)
    let agreement = try #require(second.agreement(of: "challenger"))
    #expect(agreement > 0 && agreement < 1 && second.agreement(of: "champion") == 1)
  }

  /// Another stack over other features and back again, between two candles: nothing may show of it but the reloads.
  @Test func aThousandReloadsMissNothing() throws {
    let ground = try ProvingGround.standard()
    let scratch = try ScratchDirectory()
    let undisturbed = scratch.path + "/undisturbed"
    let first = try ground.recorded(undisturbed)
    try ground.run(first)
    let path = scratch.path + "/reloaded"
    let session = try ground.recorded(path)
    var random = SplitMix(state: 9)
    var reloads = 0
    var held = 0
    try ground.run(session) { session in
      let before = (session.lanes[0].account, session.lanes[0].risk)
      func reload(_ stack: Int) throws {
        try session.reload(ground.stacks[stack], lane: 0, market: 0)
        reloads += 1
      }
      switch random.next() % 4 {
      case 0: try reload(0)
      case 1: for stack in [1, 0] { try reload(stack) }
      // Every fourth time the features are learnt from the market's history.
      case 2 where random.next() % 3 == 0: for stack in [2, 0] { try reload(stack) }
      default: break
      }
      if session.lanes[0].account != before.0 || session.lanes[0].risk != before.1 {
        Issue.record("a reload moved account or risk")
      }
      if !before.0.isFlat { held += 1 }
    }
    #expect(reloads >= 1_000 && held > 100)
    #expect(session.lanes[0].counters == first.lanes[0].counters)
    #expect(session.intentsDigest == first.intentsDigest)
    func decisions(_ path: String) throws -> [[UInt8]] {
      let reader = try JournalReader(path: path, mode: .strict)
      var records: [[UInt8]] = []
      while let record = try reader.next() {
        if record.kind != .reload, record.kind != .session { records.append(Array(record.payload)) }
      }
      return records
    }
    #expect(try decisions(path) == decisions(undisturbed))
    let certificate = try Session.certify(journal: path, stacks: ground, feeds: ground.feed())
    #expect(certificate.stacks.count == 3)
    #expect(difference(try resumedCopy(of: path, ground), session) == nil)
  }

  /// Stacks that decide differently: positions stay, and who takes over them decides from the next candle on.
  @Test func anotherStackTakesOverPositions() throws {
    let ground = try ProvingGround.standard()
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/journal"
    let session = try ground.recorded(path)
    var random = SplitMix(state: 4)
    var turns = 0
    try ground.run(session) { session in
      guard random.next() % 7 == 0 else { return }
      turns += 1
      try session.reload(ground.stacks[turns % 3], lane: 0, market: 0)
      if turns % 40 == 0 {
        try session.perform(turns % 80 == 0 ? .rearm : .halt, by: "tester", reason: "tried")
      }
    }
    #expect(turns > 100 && session.lanes[0].counters.decisions == ground.data.candles.count)
    _ = try Session.certify(journal: path, stacks: ground, feeds: ground.feed())
    #expect(difference(try resumedCopy(of: path, ground), session) == nil)
  }

  /// A session taken up from a copy: the journal itself is locked by who writes it.
  private func resumedCopy(of path: String, _ ground: ProvingGround) throws -> Session {
    try FileManager.default.copyItem(atPath: path, toPath: path + ".copy")
    return try ground.resumed(path + ".copy")
  }

  @Test func aStackThatDoesNotFitLeavesTheOldOne() throws {
    let ground = try ProvingGround.standard()
    let session = try Session.unrecorded(header: ground.header(), stacks: ground, time: ground.start())
    try ground.run(session, events: 500)
    var header = ground.header()
    header.lanes[0].stacks = []
    #expect(throws: TernError.self) {
      try Session.unrecorded(header: header, stacks: ground, time: 0)
    }
    let digest = session.lanes[0].seats[0].stack
    let hourly = MarketTerms(symbol: "SYNTHUSDT", interval: Interval(milliseconds: 3_600_000))
    #expect(throws: TernError.self) { try ground.stacks[1].makeDecider(terms: hourly) }
    #expect(session.lanes[0].seats[0].stack == digest)
  }
}
