import Compute
import Diagnostics
import Foundation
import Market
import MarketFixtures
import Testing

@testable import Feeds

@Suite struct GuardTests {
  private static let start: Int64 = 1_672_531_200_000

  /// A flat candle at a minute, at one price.
  private static func candle(_ minute: Int64, _ price: Double = 100) -> Candle {
    Candle(openTime: start + minute * 60_000, open: price, high: price, low: price, close: price, volume: 1)
  }
  private func candle(_ minute: Int64, _ price: Double = 100) -> Candle { GuardTests.candle(minute, price) }

  private func guarded(_ change: (inout CandleGuard.Configuration) -> Void = { _ in }) throws -> CandleGuard {
    var configuration = CandleGuard.Configuration()
    change(&configuration)
    return try CandleGuard(interval: .minute, configuration: configuration)
  }

  typealias Step = (candle: Candle, code: CandleGuard.Code, action: CandleGuard.Action)

  /// A candle with one value replaced.
  private static func with(_ minute: Int64, _ path: WritableKeyPath<Candle, Double>, _ value: Double)
    -> Candle
  {
    var candle = candle(minute)
    candle[keyPath: path] = value
    return candle
  }
  private static func shifted(_ minute: Int64, by milliseconds: Int64) -> Candle {
    var candle = candle(minute)
    candle.openTime += milliseconds
    return candle
  }

  /// Each case: what it shows, and the candles with the judgement expected on each.
  static let table: [(name: String, steps: [Step])] = [
    ("a plain sequence", [(candle(0), .accepted, .accept), (candle(1), .accepted, .accept)]),
    (
      "a duplicate",
      [(candle(0), .accepted, .accept), (candle(0), .duplicate, .ignore), (candle(1), .accepted, .accept)]
    ),
    (
      "other values at the same time",
      [
        (candle(0), .accepted, .accept), (with(0, \.volume, 2), .conflictingDuplicate, .ignore),
        (with(0, \.tradeCount, 2), .conflictingDuplicate, .ignore), (candle(0), .duplicate, .ignore),
      ]
    ),
    (
      "an earlier candle, even a known one",
      [
        (candle(0), .accepted, .accept), (candle(1), .accepted, .accept), (candle(0), .outOfOrder, .ignore),
        (candle(-1), .outOfOrder, .ignore), (candle(2), .accepted, .accept),
      ]
    ),
    (
      "off the grid by one millisecond",
      [
        (candle(0), .accepted, .accept), (shifted(1, by: 1), .misaligned, .ignore),
        (shifted(1, by: -1), .misaligned, .ignore), (candle(1), .accepted, .accept),
      ]
    ),
    ("one missing", [(candle(0), .accepted, .accept), (candle(2), .gap(missing: 1), .hold)]),
    ("five missing hold", [(candle(0), .accepted, .accept), (candle(6), .gap(missing: 5), .hold)]),
    ("six missing flatten", [(candle(0), .accepted, .accept), (candle(7), .gap(missing: 6), .flatten)]),
    (
      "the most that may be missing",
      [(candle(0), .accepted, .accept), (candle(1441), .gap(missing: 1440), .flatten)]
    ),
    (
      "a stamp too far ahead is not believed, and does not make the next candle late",
      [(candle(0), .accepted, .accept), (candle(1442), .absurd, .ignore), (candle(1), .accepted, .accept)]
    ),
    (
      "a long halt is believed after three candles",
      [
        (candle(0), .accepted, .accept), (candle(2000), .absurd, .ignore), (candle(2001), .absurd, .ignore),
        (candle(2002), .gap(missing: 2001), .flatten), (candle(2003), .accepted, .accept),
      ]
    ),
    (
      "every malformed field, flattening at the third trouble and after",
      [
        (candle(0), .accepted, .accept), (with(1, \.open, .nan), .malformed, .ignore),
        (with(1, \.high, .infinity), .malformed, .ignore), (with(1, \.low, 0), .malformed, .flatten),
        (with(1, \.close, -1), .malformed, .flatten), (with(1, \.high, 99), .malformed, .flatten),
        (with(1, \.low, 101), .malformed, .flatten), (with(1, \.volume, -0.1), .malformed, .flatten),
        (with(1, \.takerBuyVolume, 1.5), .malformed, .flatten),
        (with(1, \.tradeCount, 0.5), .malformed, .flatten),
        (candle(1), .accepted, .accept), (with(2, \.open, .nan), .malformed, .ignore),
      ]
    ),
    (
      "what the source does not tell is no trouble",
      [(with(0, \.volume, .nan), .accepted, .accept), (with(0, \.volume, .nan), .duplicate, .ignore)]
    ),
    (
      "a malformed first candle, and one before 1970",
      [
        (with(0, \.low, 0), .malformed, .ignore), (shifted(0, by: -start - 60_000), .malformed, .ignore),
        (candle(0), .accepted, .accept),
      ]
    ),
    ("the largest sound rise", [(candle(0), .accepted, .accept), (candle(1, 120), .accepted, .accept)]),
    ("a cent more", [(candle(0), .accepted, .accept), (candle(1, 120.01), .absurd, .ignore)]),
    ("the largest sound fall", [(candle(0), .accepted, .accept), (candle(1, 80), .accepted, .accept)]),
    ("a cent more down", [(candle(0), .accepted, .accept), (candle(1, 79.99), .absurd, .ignore)]),
    (
      "a wick counts like a close",
      [
        (candle(0), .accepted, .accept), (with(1, \.high, 121), .absurd, .ignore),
        (with(1, \.low, 79), .absurd, .ignore),
      ]
    ),
    (
      "a lone spike leaves a gap of one",
      [
        (candle(0), .accepted, .accept), (candle(1, 150), .absurd, .ignore),
        (candle(2), .gap(missing: 1), .hold),
      ]
    ),
    (
      "three candles that agree are the new level",
      [
        (candle(0), .accepted, .accept), (candle(1, 150), .absurd, .ignore),
        (candle(2, 160), .absurd, .ignore),
        (candle(3, 150), .gap(missing: 2), .hold), (candle(4, 151), .accepted, .accept),
      ]
    ),
    (
      "three that do not agree flatten",
      [
        (candle(0), .accepted, .accept), (candle(1, 150), .absurd, .ignore),
        (candle(2, 300), .absurd, .ignore),
        (candle(3, 150), .absurd, .flatten), (candle(4, 150), .absurd, .flatten),
        (candle(5, 150), .gap(missing: 4), .hold),
      ]
    ),
    (
      "repeating an absurd candle confirms nothing",
      [
        (candle(0), .accepted, .accept), (candle(1, 150), .absurd, .ignore),
        (candle(1, 150), .absurd, .ignore),
        (candle(1, 150), .absurd, .flatten), (candle(2, 150), .absurd, .flatten),
        (candle(3, 150), .gap(missing: 2), .hold),
      ]
    ),
    (
      "malformed and absurd candles are counted together; a duplicate between them changes nothing",
      [
        (candle(0), .accepted, .accept), (candle(1, 150), .absurd, .ignore), (candle(0), .duplicate, .ignore),
        (with(1, \.open, .nan), .malformed, .ignore), (candle(1, 50), .absurd, .flatten),
      ]
    ),
  ]

  @Test(arguments: table.indices)
  func theTableHolds(index: Int) throws {
    var watch = try guarded()
    let (name, steps) = GuardTests.table[index]
    for (number, step) in steps.enumerated() {
      let judgement = watch.judge(step.candle)
      #expect(judgement == CandleGuard.Judgement(step.code, step.action), "\(name), step \(number)")
    }
  }

  @Test func limitsAreConfigurable() throws {
    var watch = try guarded {
      $0.maximumJump = 0.5
      $0.confirmations = 1
      $0.flattenAfter = 1
      $0.flattenAfterMissing = 0
    }
    #expect(watch.judge(candle(0)).code == .accepted)
    #expect(watch.judge(candle(1, 150)).code == .accepted)
    #expect(
      watch.judge(candle(2, 226)) == .init(.gap(missing: 0), .hold), "one confirmation is the candle itself")
    #expect(watch.judge(candle(4, 226)) == .init(.gap(missing: 1), .flatten))
    #expect(watch.judge(GuardTests.with(5, \.open, .nan)).action == .flatten)
  }

  @Test func judgementsSayWhatIsUsedAndWhatAlerts() {
    let all: [(CandleGuard.Code, accepts: Bool, alerts: Bool)] = [
      (.accepted, true, false), (.duplicate, false, false), (.conflictingDuplicate, false, true),
      (.outOfOrder, false, true), (.misaligned, false, true), (.gap(missing: 1), true, true),
      (.malformed, false, true), (.absurd, false, true), (.stale(silence: 1), false, true),
    ]
    for (code, accepts, alerts) in all {
      let judgement = CandleGuard.Judgement(code, .ignore)
      #expect(judgement.acceptsCandle == accepts && judgement.alerts == alerts, "\(code)")
    }
    #expect(Set(all.map { "\($0.0.name)" }).count == all.count)
  }

  @Test func silenceIsReportedOnceAtItsBoundaries() throws {
    var watch = try guarded()
    _ = watch.judge(candle(0))
    let close = GuardTests.start + 60_000
    #expect(watch.silence(now: close + 124_999) == nil)
    #expect(watch.silence(now: close + 125_000) == .init(.stale(silence: 125_000), .hold))
    #expect(watch.silence(now: close + 125_001) == nil)
    #expect(watch.silence(now: close + 599_999) == nil)
    #expect(watch.silence(now: close + 600_000) == .init(.stale(silence: 600_000), .flatten))
    #expect(watch.silence(now: close + 9_000_000) == nil)
    #expect(watch.silence(now: .min) == nil && watch.silence(now: close) == nil)
    // What is dropped does not break the silence, what is accepted does.
    _ = watch.judge(GuardTests.with(1, \.open, .nan))
    #expect(watch.silence(now: close + 9_000_000) == nil)
    #expect(watch.judge(candle(1)).code == .accepted)
    #expect(watch.silence(now: close + 60_000 + 124_999) == nil)
    // A jump past both boundaries is one report, the graver.
    #expect(watch.silence(now: close + 60_000 + 700_000)?.action == .flatten)
    #expect(watch.silence(now: close + 60_000 + 700_001) == nil)
  }

  @Test func silenceBeforeTheFirstCandleCountsFromTheFirstQuestion() throws {
    var watch = try guarded()
    #expect(watch.silence(now: 1000) == nil)
    #expect(watch.silence(now: 125_999) == nil)
    #expect(watch.silence(now: 126_000)?.action == .hold)
    #expect(watch.silence(now: 601_000)?.action == .flatten)
  }

  @Test func configurationsAreCheckedAndUnknownKeysRefused() throws {
    let decoder = JSONDecoder()
    func decode(_ json: String) throws -> CandleGuard.Configuration {
      try decoder.decode(CandleGuard.Configuration.self, from: Data(json.utf8))
    }
    let all =
      #"{"maximum_jump":0.1,"maximum_missing":7,"confirmations":2,"flatten_after":4,"flatten_after_missing":6,"stale_after":"90s","flatten_after_stale":"1h"}"#
    let read = try decode(all)
    #expect(read.staleMilliseconds(.minute) == 90_000 && read.flattenMilliseconds(.minute) == 3_600_000)
    #expect(read.maximumJump == 0.1 && read.maximumMissing == 7 && read.confirmations == 2)
    #expect(read.flattenAfter == 4 && read.flattenAfterMissing == 6)
    #expect(try decode("{}") == .init())
    for configuration in [read, .init()] {
      #expect(
        try decoder.decode(CandleGuard.Configuration.self, from: JSONEncoder().encode(configuration))
          == configuration)
    }
    for bad in [
      #"{"maximum_jum":0.1}"#, #"{"maximum_jump":0}"#, #"{"confirmations":0}"#, #"{"flatten_after":0}"#,
      #"{"flatten_after_missing":-1}"#, #"{"maximum_missing":0}"#,
    ] {
      let error = #expect(throws: TernError.self) { try decode(bad) }
      #expect(error?.kind == .configuration, "\(bad)")
    }
    for change: (inout CandleGuard.Configuration) -> Void in [
      { $0.staleAfter = .minute }, { $0.flattenAfterStale = Interval(milliseconds: 124_999) },
    ] { #expect(throws: TernError.self) { try guarded(change) } }
  }

  /// A random candle, usually near the last, sometimes anything.
  private func random(_ random: inout Philox, near minute: Int64, _ price: Double) -> Candle {
    let wild: [Double] = [
      .nan, .infinity, -.infinity, 0, -1, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e300,
    ]
    func value(_ base: Double) -> Double {
      random.integer(below: 40) == 0
        ? wild[random.integer(below: wild.count)] : base * (0.97 + 0.06 * random.uniform())
    }
    let level = random.integer(below: 15) == 0 ? price * (0.5 + random.uniform()) : price
    let (a, b, c, d) = (value(level), value(level), value(level), value(level))
    var candle = Candle(
      openTime: GuardTests.start &+ (minute + Int64(random.integer(below: 5)) - 1) * 60_000, open: a,
      high: max(a, b, c, d), low: min(a, b, c, d), close: b, volume: value(10), tradeCount: .nan,
      takerBuyVolume: value(1))
    if random.integer(below: 30) == 0 { swap(&candle.high, &candle.low) }
    if random.integer(below: 30) == 0 {
      candle.openTime = candle.openTime &+ Int64(random.integer(below: 60_000))
    }
    if random.integer(below: 60) == 0 { candle.openTime = Int64(bitPattern: random.next()) }
    return candle
  }

  @Test func whateverArrivesOnlySoundCandlesAreAccepted() throws {
    var random = Philox(seed: 4)
    for seed in 0..<20 {
      var watch = try guarded {
        $0.confirmations = 1 + seed % 3
        $0.flattenAfter = 1 + seed % 4
      }
      var previous: Candle?
      var seen: Set<String> = []
      var faults: [String] = []
      for _ in 0..<10_000 {
        let minute = previous.map { ($0.openTime - GuardTests.start) / 60_000 } ?? 0
        // Prices that ran away by wild but well-formed candles come back.
        let price = previous.map { min(1e6, max(1e-3, $0.close)) } ?? 100
        let candle = self.random(&random, near: minute, price)
        let judgement = watch.judge(candle)
        seen.insert("\(judgement.code.name)")
        var holds: Bool
        if judgement.acceptsCandle {
          holds = candle.openTime > previous?.openTime ?? -1 && candle.openTime % 60_000 == 0
          holds = holds && CandleRules.violation(of: candle) == nil && watch.troubles == 0
          holds = holds && watch.lastAccepted?.openTime == candle.openTime
          if judgement.code == .accepted, let previous {
            let reach = max(candle.high - previous.close, previous.close - candle.low)
            holds = holds && candle.openTime == previous.openTime + 60_000 && reach <= 0.2 * previous.close
          }
          previous = candle
        } else {
          holds = watch.lastAccepted?.openTime == previous?.openTime
          holds =
            holds && (judgement.action == .ignore || judgement.action == .flatten && watch.troubles >= 1)
        }
        // An expectation for each of 200,000 candles would take longer than judging them.
        if !holds { faults.append("\(judgement) on \(candle)") }
        _ = watch.silence(now: Int64(bitPattern: random.next()))
      }
      #expect(faults.isEmpty, "\(faults.prefix(3))")
      #expect(seen.count >= 6, "\(seen)")
    }
  }
}
