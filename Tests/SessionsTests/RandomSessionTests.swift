import Accounts
import Diagnostics
import Files
import Foundation
import Journal
import Market
import Orders
import TestSupport
import Testing

@testable import Execution
@testable import Risk
@testable import Sessions

/// How much is tried: `usual`, or everything when TERN_PROOF says `full`.
func proofCount(_ usual: Int, full: Int) -> Int {
  ProcessInfo.processInfo.environment["TERN_PROOF"] == "full" ? full : usual
}

/// Whatever comes in whatever order, the books agree and no limit is broken.
@Suite struct RandomSessionTests {
  @Test func whateverComesTheBooksAgreeAndNoLimitIsBroken() throws {
    let count = proofCount(4_000, full: 100_000)
    var (inputs, openings, positions, shutdowns, trades) = (0, 0, 0, 0, 0)
    for seed in 0..<count {
      let random = try RandomSession(seed: UInt64(seed), length: 20 + seed % 60)
      let session = try random.session(Recorder())
      var invariants = SessionInvariants()
      let watch = OpeningWatch(session)
      for (number, input) in random.inputs.enumerated() {
        do {
          try RandomSession.feed(input, to: session)
          if let text = try invariants.broken(session, after: input) ?? watch.broken {
            Issue.record("session \(seed), input \(number) \(input): \(text)")
            return
          }
        } catch {
          Issue.record("session \(seed), input \(number) \(input): \(error)")
          return
        }
      }
      inputs += random.inputs.count
      openings += watch.openings
      positions += invariants.positions
      shutdowns += invariants.shutdowns
      trades += session.lanes[0].counters.trades
      // The same inputs again end in equal books.
      if seed % 4 == 0 {
        let again = try random.session(Recorder())
        for input in random.inputs { try RandomSession.feed(input, to: again) }
        if let text = difference(session, again) {
          Issue.record("session \(seed): a repetition differs in \(text)")
          return
        }
      }
    }
    print(
      "sessions: \(count) with \(inputs) inputs, \(openings) openings, \(trades) trades, \(shutdowns) shutdowns"
    )
    #expect(openings > count && trades > count / 2 && positions > count && shutdowns > count / 20)
  }

  /// A journal run again ends in the state that it was written from, and goes on in the same way.
  @Test func aJournalRunAgainEndsInTheSameState() throws {
    let scratch = try ScratchDirectory()
    for seed in 0..<proofCount(250, full: 5_000) {
      let random = try RandomSession(seed: UInt64(1_000_000 + seed), length: 60)
      let path = "\(scratch.path)/\(seed).journal"
      let session = try random.session(Recorder(journal: try JournalWriter(creating: path), flushes: false))
      let half = seed % 60
      for input in random.inputs[..<half] { try RandomSession.feed(input, to: session) }
      let rerun = SessionRerun(
        file: path, stacks: NoStacks(),
        makers: { _ throws(TernError) in
          do { return try random.makers() } catch { throw TernError(.internalFailure, "\(error)") }
        })
      let reader = try JournalReader(path: path, mode: .strict)
      while let record = try reader.next() { try rerun.take(record) }
      try rerun.finish()
      let again = try #require(rerun.session)
      if let text = difference(session, again) {
        Issue.record("session \(seed): the journal leads to another \(text)")
        return
      }
      let copy = path + ".copy"
      try FileManager.default.copyItem(atPath: path, toPath: copy)
      try again.write(to: try JournalWriter(resuming: copy), flushes: false)
      // A quote is known with its candle, so a feed that is taken up gives it again.
      for (market, quote) in pendingQuotes(random.inputs[..<half]) {
        try again.observe(.quote(quote), market: market)
      }
      for input in random.inputs[half...] {
        try RandomSession.feed(input, to: session)
        try RandomSession.feed(input, to: again)
      }
      if let text = difference(session, again) {
        Issue.record("session \(seed): after the journal's end another \(text)")
        return
      }
      let (one, other) = (try AtomicFile.read(path), try AtomicFile.read(copy))
      if one != other {
        Issue.record("session \(seed): the journals differ")
        return
      }
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.removeItem(atPath: copy)
    }
  }
}

/// The quotes whose candle is still to come, by market.
private func pendingQuotes(_ inputs: some Sequence<RandomInput>) -> [Int: Quote] {
  var pending: [Int: Quote] = [:]
  for input in inputs {
    guard case .event(let event, let market) = input else { continue }
    switch event {
    case .quote(let quote): pending[market] = quote
    case .candle: pending[market] = nil
    case .funding: break
    }
  }
  return pending
}

/// The first part of two sessions' state that is not equal; nil when they agree.
func difference(_ a: Session, _ b: Session) -> String? {
  for (one, other) in zip(a.lanes, b.lanes) {
    if one.account != other.account { return "account" }
    if one.risk != other.risk { return "risk" }
    if one.orders != other.orders { return "orders" }
    if one.protections != other.protections { return "exits" }
    if one.decisions != other.decisions, !hasNaN(one) { return "decisions" }
    if one.counters != other.counters { return "counters" }
    if one.agreements != other.agreements { return "agreements" }
    if one.maximumDrawdown != other.maximumDrawdown { return "drawdown" }
  }
  if a.intentsDigest != b.intentsDigest { return "intents" }
  if a.feedPositions != b.feedPositions { return "feed positions" }
  if a.time != b.time || a.candles != b.candles { return "time" }
  return nil
}

private func hasNaN(_ lane: TradingLane) -> Bool { lane.decisions.contains { $0?.confidence.isNaN ?? false } }
