import Foundation
import Market
import MarketFixtures
import Testing

@testable import Labels

/// A labeller written as the definition reads: one row, one direction, one candle at a time.
struct NaiveTrade {
  enum End { case profit, stop, time }
  var end = End.time
  var bar = 0
  var gross = 0.0
  var ambiguous = false

  init(_ candles: CandleSeries, row: Int, horizon: Int, long: Bool, upper: Double, lower: Double) {
    // Prices and widths as whole numbers of 1e-7, in which these tests' barriers are exact.
    let entry = Int((candles.open[row + 1] * 100).rounded())
    let gain = Int((upper * 100_000).rounded())
    let loss = Int((lower * 100_000).rounded())
    func move(_ price: Double) -> Int {
      let change = (Int((price * 100).rounded()) - entry) * 100_000
      return long ? change : -change
    }
    for bar in (row + 1)...(row + horizon) {
      self.bar = bar
      let open = move(candles.open[bar])
      let best = move(long ? candles.high[bar] : candles.low[bar])
      let worst = move(long ? candles.low[bar] : candles.high[bar])
      let profited = best >= gain * entry
      let stopped = worst <= -loss * entry
      let opensProfited = open >= gain * entry
      let opensStopped = open <= -loss * entry
      if opensStopped {
        (end, gross) = (.stop, Double(open) / Double(entry) / 100_000)
        return
      }
      if opensProfited || (profited && !stopped) {
        (end, gross) = (.profit, upper)
        return
      }
      if stopped {
        (end, gross, ambiguous) = (.stop, -lower, profited)
        return
      }
    }
    gross = Double(move(candles.close[row + horizon])) / Double(entry) / 100_000
  }
}

@Test(arguments: [(1, 0.015, 0.005, 20), (2, 0.01, 0.01, 7), (3, 0.004, 0.002, 60), (4, 0.003, 0.006, 25)])
func labelsEqualTheDefinition(_ item: (Int, Double, Double, Int)) throws {
  let (seed, upper, lower, horizon) = item
  let series = randomMarket(4000, seed: UInt64(seed), holes: 0.004)
  let configuration = TripleBarrier.Configuration(
    upper: upper, lower: lower, horizon: Interval(milliseconds: Int64(horizon) * 60_000))
  let labels = try TripleBarrier.label(series, configuration: configuration)
  var seen: Set<Int8> = []
  for row in 0..<series.count {
    let end = row + horizon
    guard end < series.count, series.openTime[end] - series.openTime[row] == Int64(horizon) * 60_000 else {
      #expect(labels[row] == nil)
      continue
    }
    let long = NaiveTrade(series, row: row, horizon: horizon, long: true, upper: upper, lower: lower)
    let short = NaiveTrade(series, row: row, horizon: horizon, long: false, upper: upper, lower: lower)
    let longWins = long.end == .profit && (short.end != .profit || long.bar < short.bar)
    let shortWins = short.end == .profit && (long.end != .profit || short.bar < long.bar)
    let expected: Direction = longWins ? .long : shortWins ? .short : .neutral
    #expect(labels[row] == expected, "row \(row)")
    let bar = longWins ? long.bar : shortWins ? short.bar : max(long.bar, short.bar)
    #expect(labels.exitTime[row] == series.closeTime(bar), "row \(row)")
    let tied = long.end == .profit && short.end == .profit && long.bar == short.bar
    #expect(labels.ambiguous[row] == (long.ambiguous || short.ambiguous || tied), "row \(row)")
    // Both sides divide the same decimals once; they differ in the last bits.
    #expect(abs(labels.long.gross[row] - long.gross) < 1e-12, "row \(row)")
    #expect(abs(labels.short.gross[row] - short.gross) < 1e-12, "row \(row)")
    seen.insert(labels.label[row])
  }
  #expect(seen.count == 3, "every class must occur, or the comparison shows little")
}

@Test func weightsAreTheMeanOfInverseConcurrency() throws {
  let series = randomMarket(1500, seed: 9, holes: 0.004)
  let horizon = 30
  let labels = try TripleBarrier.label(
    series, configuration: TripleBarrier.Configuration(horizon: try Interval("30m")))
  let lives: [(row: Int, first: Int, last: Int)] = labels.labelledRows.map { row in
    let last = (row + 1...row + horizon).first { series.closeTime($0) == labels.exitTime[row] }!
    return (row, row + 1, last)
  }
  for life in lives {
    let inverse = (life.first...life.last).map { bar in
      1 / Double(lives.count(where: { $0.first <= bar && bar <= $0.last }))
    }
    let expected = inverse.reduce(0, +) / Double(inverse.count)
    // Prefix sums of 1500 terms below one lose at most a few units of 1e-13.
    #expect(abs(labels.weight[life.row] - expected) < 1e-10)
    #expect(labels.weight[life.row] > 0 && labels.weight[life.row] <= 1)
  }
}

@Test(arguments: [TripleBarrier.VolatilityScaling.Estimator.ewma, .rolling])
func labelsDoNotDependOnWhatComesAfterTheirWindow(_ estimator: TripleBarrier.VolatilityScaling.Estimator)
  throws
{
  let series = randomMarket(800, seed: 21)
  let horizon = 20
  let configuration = TripleBarrier.Configuration(
    horizon: try Interval("20m"), volatility: .init(estimator: estimator, span: 50))
  let full = try TripleBarrier.label(series, configuration: configuration)
  for cut in stride(from: 100, to: 780, by: 7) {
    var changed = series
    for bar in (cut + horizon + 1)..<series.count {
      let factor = bar % 2 == 0 ? 1.7 : 0.6
      changed.open[bar] *= factor
      changed.close[bar] *= factor
      changed.high[bar] *= factor * 1.1
      changed.low[bar] *= factor * 0.9
    }
    let labels = try TripleBarrier.label(changed, configuration: configuration)
    for row in 0...cut {
      #expect(labels.label[row] == full.label[row] && labels.exitTime[row] == full.exitTime[row])
      #expect(labels.long.net[row].bitPattern == full.long.net[row].bitPattern)
    }
  }
}

@Test func volatilityBarriersUseThePastOnly() throws {
  // Rolling deviation by hand: returns alternate ±0.01 in logs, so σ = 0.01; H = 4 makes the stop 0.02, the profit 0.06.
  let rows = (0..<40).map { index -> (Double, Double, Double, Double) in
    let price = index % 2 == 0 ? 100 : 100 * exp(0.01)
    return (price, price, price, price)
  }
  let configuration = TripleBarrier.Configuration(
    horizon: try Interval("4m"), volatility: .init(estimator: .rolling, span: 10))
  let labels = try TripleBarrier.label(candles(rows), configuration: configuration)
  #expect(labels.reason[9] == LabelSet.Reason.warmUp.rawValue && labels.reason[10] == -1)
  #expect(abs(labels.meanLower - 0.02) < 1e-12 && abs(labels.meanUpper - 0.06) < 1e-12)
}

@Test func csvHoldsEveryLabelledRowExactly() throws {
  let series = randomMarket(500, seed: 5, holes: 0.01)
  let labels = try TripleBarrier.label(
    series, configuration: TripleBarrier.Configuration(horizon: try Interval("15m")))
  let lines = String(decoding: labels.csv(), as: UTF8.self).split(separator: "\n")
  #expect(lines[0] == "open_time,label,exit_time,barrier,gross_return,net_return,weight,ambiguous")
  #expect(lines.count - 1 == labels.labelledRows.count)
  for (line, row) in zip(lines.dropFirst(), labels.labelledRows) {
    let fields = line.split(separator: ",")
    #expect(Int64(fields[0]) == labels.openTime[row] && Int64(fields[2]) == labels.exitTime[row])
    #expect(Direction(name: String(fields[1])) == labels[row])
    #expect(fields[3] == LabelSet.Barrier(rawValue: labels.barrier[row])!.name)
    #expect(Double(fields[4]) == labels.grossReturn[row] && Double(fields[5]) == labels.netReturn[row])
    #expect(Double(fields[6]) == labels.weight[row] && fields[7] == (labels.ambiguous[row] ? "1" : "0"))
  }
}

@Test func censusCountsWhatTheColumnsHold() throws {
  let labels = try TripleBarrier.label(randomMarket(3000, seed: 12, holes: 0.002))
  let census = labels.census
  #expect(census.classes.map(\.count).reduce(0, +) == census.labelled)
  #expect(census.labelled + census.unlabelledGap + census.unlabelledEndOfData == census.rows)
  // 0.005 / 0.02 and (0.005 + 0.001) / 0.02.
  #expect(abs(census.breakEvenGross - 0.25) < 1e-12 && abs(census.breakEvenNet - 0.3) < 1e-12)
  let longRows = labels.labelledRows.filter { labels[$0] == .long }
  let mean = longRows.map { labels.netReturn[$0] }.reduce(0, +) / Double(longRows.count)
  #expect(abs(census.classes[0].meanNet - mean) < 1e-12)
  let json = try JSONEncoder().encode(census)
  #expect(try JSONDecoder().decode(LabelSet.Census.self, from: json) == census)
}

@Test func configurationsReadWithDefaultsAndRefuseUnknownKeys() throws {
  let text = #"{"mode": "one-sided", "horizon": "30m", "volatility": {"span": 100}}"#
  let configuration = try JSONDecoder().decode(TripleBarrier.Configuration.self, from: Data(text.utf8))
  #expect(
    configuration.mode == .oneSided && configuration.upper == 0.015 && configuration.volatility?.span == 100)
  let copy = try JSONDecoder().decode(
    TripleBarrier.Configuration.self, from: try JSONEncoder().encode(configuration))
  #expect(copy == configuration)
  let wrong = #"{"uper": 0.02}"#
  #expect(throws: (any Error).self) {
    try JSONDecoder().decode(TripleBarrier.Configuration.self, from: Data(wrong.utf8))
  }
  #expect(throws: (any Error).self) {
    try JSONDecoder().decode(
      RegimeLabeler.Configuration.self, from: Data(#"{"adx": {"enter": 1, "exit": 2}}"#.utf8))
  }
}
