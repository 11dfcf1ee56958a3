import Diagnostics
import Market
import MarketFixtures
import Testing

@testable import Labels

/// Worked cases: the decision is at the close of candle 0, the entry at the open (100) of candle 1, H = 3,
/// upper 1.5 % (101.5 and 98.5), lower 0.5 % (99.5 and 100.5), fees 0.05 % on either side.
struct LabelCase: CustomTestStringConvertible, Sendable {
  var name: String
  /// Candles 1, 2 and 3.
  var rows: [(Double, Double, Double, Double)]
  var label: Direction
  var barrier: LabelSet.Barrier
  /// Candle in which the label is decided.
  var decided: Int
  var gross: Double
  var long: (bar: Int, gross: Double)
  var short: (bar: Int, gross: Double)
  var ambiguous = false
  var testDescription: String { name }
}

private let quiet = (100.0, 100.2, 99.8, 100.0)

let mirroredCases: [LabelCase] = [
  LabelCase(
    name: "nothing is touched: time",
    rows: [quiet, quiet, (100, 100.4, 99.6, 100.3)],
    label: .neutral, barrier: .time, decided: 3, gross: 0, long: (3, 0.003), short: (3, -0.003)),
  LabelCase(
    name: "take profit above, stop never touched: LONG; the short was stopped on the way",
    rows: [(100, 100.4, 99.8, 100.3), (100.3, 101.5, 100.2, 101.4), quiet],
    label: .long, barrier: .upper, decided: 2, gross: 0.015, long: (2, 0.015), short: (2, -0.005)),
  LabelCase(
    name: "a high one tick short of the barrier does not touch it",
    rows: [(100, 100.4, 99.8, 100.3), (100.3, 101.49, 100.2, 101.4), (101.4, 101.49, 101.3, 101.4)],
    label: .neutral, barrier: .time, decided: 3, gross: 0, long: (3, 0.014), short: (2, -0.005)),
  LabelCase(
    name: "take profit below: SHORT",
    rows: [(100, 100.4, 99.9, 100), (100, 100.1, 98.4, 98.6), quiet],
    label: .short, barrier: .lower, decided: 2, gross: 0.015, long: (2, -0.005), short: (2, 0.015)),
  LabelCase(
    name: "the entry candle counts from its open",
    rows: [(100, 101.6, 99.9, 101), quiet, quiet],
    label: .long, barrier: .upper, decided: 1, gross: 0.015, long: (1, 0.015), short: (1, -0.005)),
  LabelCase(
    name: "both stopped in one candle without a take profit: certain, NEUTRAL",
    rows: [(100, 100.6, 99.4, 100), quiet, quiet],
    label: .neutral, barrier: .stops, decided: 1, gross: 0, long: (1, -0.005), short: (1, -0.005)),
  LabelCase(
    name: "both stopped in different candles: decided by the later",
    rows: [(100, 100.6, 99.9, 100.5), (100.5, 100.5, 99.4, 99.6), quiet],
    label: .neutral, barrier: .stops, decided: 2, gross: 0, long: (2, -0.005), short: (1, -0.005)),
  LabelCase(
    name: "stop and take profit of the long in one candle: the stop counts, ambiguous",
    rows: [quiet, (100, 101.6, 99.4, 101), quiet],
    label: .neutral, barrier: .stops, decided: 2, gross: 0, long: (2, -0.005), short: (2, -0.005),
    ambiguous: true),
  LabelCase(
    name: "stop and take profit of the short in one candle: the stop counts, ambiguous",
    rows: [quiet, (100, 100.6, 98.4, 99), quiet],
    label: .neutral, barrier: .stops, decided: 2, gross: 0, long: (2, -0.005), short: (2, -0.005),
    ambiguous: true),
  LabelCase(
    name: "long stopped, then the rise: a take profit after the stop does not count",
    rows: [(100, 100.1, 99.4, 99.6), (99.6, 101.7, 99.5, 101.6), quiet],
    label: .neutral, barrier: .stops, decided: 2, gross: 0, long: (1, -0.005), short: (2, -0.005)),
  LabelCase(
    name: "a candle opens below the stop: the long exits at that open",
    rows: [quiet, (99.2, 99.3, 98.9, 99), (99, 99.2, 98.8, 99)],
    label: .neutral, barrier: .time, decided: 3, gross: 0, long: (2, -0.008), short: (3, 0.01)),
  LabelCase(
    name:
      "a candle opens below both the stop and the short's take profit: the short is paid its limit, not the open",
    rows: [quiet, (98, 98.2, 97.5, 98), quiet],
    label: .short, barrier: .lower, decided: 2, gross: 0.015, long: (2, -0.02), short: (2, 0.015)),
  LabelCase(
    name: "a candle opens above the take profit and later falls to the stop: the open came first, no doubt",
    rows: [quiet, (102, 102.2, 99, 99.1), quiet],
    label: .long, barrier: .upper, decided: 2, gross: 0.015, long: (2, 0.015), short: (2, -0.02)),
  LabelCase(
    name: "a candle opens below the stop and later rises to the take profit: the open came first, no doubt",
    rows: [quiet, (99.2, 101.8, 99, 101.7), quiet],
    label: .neutral, barrier: .stops, decided: 2, gross: 0, long: (2, -0.008), short: (2, -0.005)),
  LabelCase(
    name: "touch in the very last candle still counts",
    rows: [quiet, quiet, (100, 101.5, 99.9, 100)],
    label: .long, barrier: .upper, decided: 3, gross: 0.015, long: (3, 0.015), short: (3, -0.005)),
  LabelCase(
    name: "one direction stopped, the other still open at the horizon: time",
    rows: [(100, 100.1, 99.5, 99.6), (99.6, 99.8, 99.3, 99.5), (99.5, 99.6, 99, 99.1)],
    label: .neutral, barrier: .time, decided: 3, gross: 0, long: (1, -0.005), short: (3, 0.009)),
]

/// A price difference over 100 differs from the decimal by binary rounding only.
private let exact = 1e-12

private func table(_ rows: [(Double, Double, Double, Double)]) -> CandleSeries { candles([quiet] + rows) }

private func configuration(_ mode: TripleBarrier.Mode = .mirrored) throws -> TripleBarrier.Configuration {
  TripleBarrier.Configuration(mode: mode, horizon: try Interval("3m"))
}

@Test(arguments: mirroredCases) func mirroredCase(_ item: LabelCase) throws {
  let labels = try TripleBarrier.label(table(item.rows), configuration: try configuration())
  let close = { (bar: Int) in start + Int64(bar + 1) * 60_000 }
  #expect(labels[0] == item.label)
  #expect(LabelSet.Barrier(rawValue: labels.barrier[0]) == item.barrier)
  #expect(labels.exitTime[0] == close(item.decided))
  #expect(labels.ambiguous[0] == item.ambiguous)
  #expect(labels.long.exitTime[0] == close(item.long.bar))
  #expect(labels.short.exitTime[0] == close(item.short.bar))
  #expect(abs(labels.grossReturn[0] - item.gross) < exact)
  #expect(abs(labels.long.gross[0] - item.long.gross) < exact)
  #expect(abs(labels.short.gross[0] - item.short.gross) < exact)
  // Fees on both notionals: 0.0005 of the entry, 0.0005 of the exit price over the entry price.
  #expect(abs(labels.long.net[0] - (item.long.gross - 0.0005 - 0.0005 * (1 + item.long.gross))) < exact)
  #expect(abs(labels.short.net[0] - (item.short.gross - 0.0005 - 0.0005 * (1 - item.short.gross))) < exact)
  let net = item.label == .long ? labels.long.net[0] : item.label == .short ? labels.short.net[0] : 0
  #expect(labels.netReturn[0] == net)
}

@Test(
  arguments: [
    (
      "rise", [(100, 101.6, 99.9, 101), quiet, quiet], Direction.long, LabelSet.Barrier.upper, 1, 0.015, false
    ),
    ("fall", [quiet, (100, 100.1, 99.4, 99.6), quiet], .short, .lower, 2, 0.005, false),
    ("time", [quiet, quiet, quiet], .neutral, .time, 3, 0, false),
    ("both", [(100, 101.6, 99.4, 101), quiet, quiet], .short, .lower, 1, 0.005, true),
    ("gap", [quiet, (99, 99.4, 98.8, 99), quiet], .short, .lower, 2, 0.01, false),
  ] as [(String, [(Double, Double, Double, Double)], Direction, LabelSet.Barrier, Int, Double, Bool)])
func oneSidedCase(
  _ item: (String, [(Double, Double, Double, Double)], Direction, LabelSet.Barrier, Int, Double, Bool)
) throws {
  let labels = try TripleBarrier.label(table(item.1), configuration: try configuration(.oneSided))
  #expect(labels[0] == item.2)
  #expect(labels.barrier[0] == item.3.rawValue)
  #expect(labels.exitTime[0] == start + Int64(item.4 + 1) * 60_000)
  #expect(abs(labels.grossReturn[0] - item.5) < exact)
  #expect(labels.ambiguous[0] == item.6)
  #expect(labels.census.warning?.contains("one-sided") == true)
}

@Test func rowsWithoutACompleteWindowHaveNoLabel() throws {
  // Candle 4 is missing between rows 3 and 4: windows of rows 1, 2 and 3 span the gap; of rows 4 to 7 only row 4
  // has three candles after it.
  let series = candles([quiet, (100, 101.6, 99.9, 101), quiet, quiet, quiet, quiet, quiet, quiet], skip: [4])
  let labels = try TripleBarrier.label(series, configuration: try configuration())
  let gap = LabelSet.Reason.gap.rawValue
  let end = LabelSet.Reason.endOfData.rawValue
  #expect(labels.reason == [-1, gap, gap, gap, -1, end, end, end])
  #expect(labels.label[0] == Direction.long.rawValue)
  #expect(labels.label[1...3].allSatisfy { $0 == -1 })
  #expect(labels.grossReturn[5].isNaN && labels.weight[5].isNaN && labels.exitTime[5] == 0)
  let census = labels.census
  #expect(census.unlabelledGap == 3 && census.unlabelledEndOfData == 3 && census.labelled == 2)
}

@Test(
  arguments: [
    // Settlement instants relative to the entry (minute 1), rate, and what a long of three minutes pays on them.
    ("at the entry itself: not held yet", 60_000, 0.0001, 0.0),
    ("a few milliseconds late at the entry: still the entry's second", 60_004, 0.0001, 0.0),
    ("at the open of the second candle", 120_000, 0.0001, 0.0001 * 102 / 100),
    ("stamped late at the open of the second candle", 120_003, 0.0001, 0.0001 * 102 / 100),
    ("negative rate: the long receives", 180_000, -0.0002, -0.0002),
    ("at the exit: no longer held", 240_000, 0.0001, 0.0),
    ("before the entry", 30_000, 0.0001, 0.0),
  ] as [(String, Int64, Double, Double)])
func fundingIsPaidByTheHolder(_ item: (String, Int64, Double, Double)) throws {
  let wide = TripleBarrier.Configuration(upper: 0.5, lower: 0.4, horizon: try Interval("3m"))
  let rows: [(Double, Double, Double, Double)] = [
    (100, 100, 100, 100), (100, 102, 99, 102), (102, 102, 100, 100), (100, 101, 99, 101),
  ]
  let funding = FundingSeries(time: [start + item.1], rate: [item.2])
  let free = try TripleBarrier.label(candles(rows), configuration: wide)
  let paid = try TripleBarrier.label(candles(rows), configuration: wide, funding: funding)
  #expect(abs(free.long.net[0] - paid.long.net[0] - item.3) < exact)
  #expect(abs(paid.short.net[0] - free.short.net[0] - item.3) < exact)
}

@Test(
  arguments: [
    // Twelve 5-second candles of an hour-long story: (low, high) of each quarter-minute; who was first.
    ("profit first", [(99.9, 101.6), (99.3, 101), (99.4, 100), (99.4, 100)], Direction.long, false),
    ("stop first", [(99.4, 100.1), (99.9, 101.6), (100, 101), (100, 101)], Direction.neutral, false),
    (
      "both in one finer candle", [(99.9, 100.1), (99.4, 101.6), (100, 101), (100, 101)], Direction.neutral,
      true
    ),
  ] as [(String, [(Double, Double)], Direction, Bool)])
func finerCandlesSettleWhatComesFirst(_ item: (String, [(Double, Double)], Direction, Bool)) throws {
  let coarse = candles([quiet, quiet, (100, 101.6, 99.3, 100), quiet])
  let quarter = Interval(milliseconds: 15_000)
  let finer = candles(
    item.1.map { (100, max(100, $0.1), min(100, $0.0), 100) }, interval: quarter, from: start + 120_000)
  let labels = try TripleBarrier.label(coarse, configuration: try configuration(), finer: finer)
  #expect(labels[0] == item.2)
  #expect(labels.ambiguous[0] == item.3)
  // A finer series that misses a part of the candle settles nothing.
  let partial = try TripleBarrier.label(coarse, configuration: try configuration(), finer: finer.slice(0..<3))
  #expect(partial[0] == .neutral && partial.ambiguous[0])
}

@Test func finerCandlesDecideAtTheirOpens() throws {
  // Within the candle that touches both barriers, the second finer candle opens below the stop: filled there.
  let coarse = candles([quiet, quiet, (100, 101.6, 99, 100), quiet])
  let quarter = Interval(milliseconds: 15_000)
  let parts = [
    (100, 100.1, 99.8, 100), (99.2, 99.3, 99, 99.2), (99.2, 101.6, 99.2, 101), (101, 101, 100, 100),
  ]
  let finer = candles(parts, interval: quarter, from: start + 120_000)
  let labels = try TripleBarrier.label(coarse, configuration: try configuration(), finer: finer)
  #expect(abs(labels.long.gross[0] + 0.008) < exact && !labels.ambiguous[0])
  // A candle that is settled leaves no doubt about the rows before and after it either.
  #expect(labels.census.ambiguous == 0)
  let wrong = candles(parts, interval: Interval(milliseconds: 25_000))
  #expect(throws: TernError.self) {
    try TripleBarrier.label(coarse, configuration: try configuration(), finer: wrong)
  }
}

@Test func theFileIsWhatTheContractSays() throws {
  let series = table([(100, 100.4, 99.8, 100.3), (100.3, 101.5, 100.2, 101.4), quiet])
  let labels = try TripleBarrier.label(series, configuration: try configuration())
  // 0.015 − 0.0005 − 0.0005 × 1.015 = 0.0139925; a single label is unique, and known at the close of candle 2.
  let text = String(decoding: labels.csv(), as: UTF8.self)
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  #expect(lines.count == 3 && lines[2].isEmpty)
  #expect(lines[0] == "open_time,label,exit_time,barrier,gross_return,net_return,weight,ambiguous")
  #expect(lines[1].hasPrefix("1672531200000,LONG,1672531380000,upper,0.015,0.01399"))
  #expect(lines[1].hasSuffix(",1.0,0"))
}

@Test func badInputIsRefusedByName() throws {
  let series = table([quiet, quiet, quiet])
  func failure(_ change: (inout TripleBarrier.Configuration) -> Void) throws -> TernError? {
    var configuration = try configuration()
    change(&configuration)
    return #expect(throws: TernError.self) { try TripleBarrier.label(series, configuration: configuration) }
  }
  #expect(try failure { $0.upper = 0 }?.key == "upper")
  #expect(try failure { $0.lower = .nan }?.key == "lower")
  #expect(try failure { $0.horizon = Interval(milliseconds: 90_000) }?.key == "horizon")
  #expect(try failure { $0.volatility = .init(span: 1) }?.key == "volatility.span")
  var broken = series
  broken.low[2] = .nan
  let error = #expect(throws: TernError.self) { try TripleBarrier.label(broken) }
  #expect(error?.kind == .data)
  broken = series
  broken.openTime[2] = broken.openTime[1]
  let order = #expect(throws: TernError.self) { try TripleBarrier.label(broken) }
  #expect(order?.key == "open_time \(series.openTime[1])")
  for funding in [
    FundingSeries(time: [start, start + 1], rate: [0, .nan]),
    FundingSeries(time: [start + 1, start + 1], rate: [0, 0]),
  ] {
    let refused = #expect(throws: TernError.self) { try TripleBarrier.label(series, funding: funding) }
    #expect(refused?.key == "funding_time \(start + 1)")
  }
}
