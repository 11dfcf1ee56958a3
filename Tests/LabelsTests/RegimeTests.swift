import Foundation
import Market
import MarketFixtures
import Testing

@testable import Labels

private let rules = RegimeLabeler.Configuration(
  window: 10, rangeBars: 20, adxPeriod: 5, volatilityHistory: 40, volatilityMinimum: 12, confirmation: 3)

/// The written rules applied one row at a time, without running sums, queues or sorted histories.
private struct NaiveRegimes {
  let candles: CandleSeries
  let rules: RegimeLabeler.Configuration

  func move(_ row: Int) -> Double { log(candles.close[row] / candles.close[row - rules.window]) }

  func volatility(_ row: Int) -> Double {
    (row - rules.window + 1...row).reduce(0) { $0 + pow(log(candles.close[$1] / candles.close[$1 - 1]), 2) }
      .squareRoot()
  }

  /// Wilder's index by his own recurrences over sums, from the start of a segment.
  func adx(_ segment: Range<Int>) -> [Int: Double] {
    let period = Double(rules.adxPeriod)
    var result: [Int: Double] = [:]
    var (plus, minus, range) = (0.0, 0.0, 0.0)
    var strengths: [Double] = []
    var average = 0.0
    for (offset, row) in segment.enumerated().dropFirst() {
      let up = candles.high[row] - candles.high[row - 1]
      let down = candles.low[row - 1] - candles.low[row]
      let close = candles.close[row - 1]
      let trueRange = max(
        candles.high[row] - candles.low[row], abs(candles.high[row] - close), abs(candles.low[row] - close))
      if offset >= rules.adxPeriod {
        plus -= plus / period
        minus -= minus / period
        range -= range / period
      }
      plus += up > down && up > 0 ? up : 0
      minus += down > up && down > 0 ? down : 0
      range += trueRange
      guard offset >= rules.adxPeriod else { continue }
      let total = plus / range + minus / range
      let strength = 100 * abs(plus / range - minus / range) / total
      strengths.append(strength)
      if strengths.count == rules.adxPeriod { average = strengths.reduce(0, +) / period }
      if strengths.count > rules.adxPeriod { average = (average * (period - 1) + strength) / period }
      if strengths.count >= rules.adxPeriod { result[row] = average }
    }
    return result
  }

  func labels() -> [Regime?] {
    var result = [Regime?](repeating: nil, count: candles.count)
    var history: [Double] = []
    for segment in candles.contiguousSegments() {
      let strength = adx(segment)
      var current: Regime?
      var votes: [Regime] = []
      for row in segment {
        let stride = Int64(rules.window) * candles.interval.milliseconds
        if candles.closeTime(row) % stride == 0, row - rules.window >= segment.lowerBound {
          history.append(volatility(row))
        }
        let end = row + rules.window
        let past = max(rules.window, rules.rangeBars - 1)
        guard end < segment.upperBound, row - past >= segment.lowerBound, let adx = strength[end],
          min(history.count, rules.volatilityHistory) >= rules.volatilityMinimum
        else { continue }
        let vote = decide(row, end, adx, history.suffix(rules.volatilityHistory), current)
        votes = vote == current ? [] : votes.last.map { $0 == vote } ?? true ? votes + [vote] : [vote]
        if current == nil || votes.count == rules.confirmation { (current, votes) = (vote, []) }
        result[row] = current
      }
    }
    return result
  }

  private func decide(
    _ row: Int, _ end: Int, _ adx: Double, _ history: ArraySlice<Double>, _ current: Regime?
  ) -> Regime {
    let next = move(end) / volatility(end)
    let past = move(row) / volatility(row)
    let rank = Double(history.count(where: { $0 <= volatility(end) })) / Double(history.count)
    let range = row - rules.rangeBars + 1...row
    let high = range.map { candles.high[$0] }.reduce(-.infinity, max)
    let low = range.map { candles.low[$0] }.reduce(.infinity, min)
    let escape = max(candles.close[end] - high, low - candles.close[end]) / (high - low)
    let limit = { (threshold: RegimeLabeler.Threshold, regime: Regime) in
      current == regime ? threshold.leave : threshold.enter
    }
    if abs(past) >= limit(rules.pastTrend, .reversal), past * next < 0,
      abs(next) >= limit(rules.efficiency, .reversal),
      abs(move(end)) >= limit(rules.retracement, .reversal) * abs(move(row))
    {
      return .reversal
    }
    if abs(past) < (current == .breakout ? rules.pastTrend.enter : rules.pastTrend.leave),
      escape >= limit(rules.breakout, .breakout)
    {
      return .breakout
    }
    if rank >= limit(rules.highVolatility, .highVolatility) { return .highVolatility }
    if next >= limit(rules.efficiency, .trendingUp), adx >= limit(rules.adx, .trendingUp) {
      return .trendingUp
    }
    if -next >= limit(rules.efficiency, .trendingDown), adx >= limit(rules.adx, .trendingDown) {
      return .trendingDown
    }
    return rank <= limit(rules.lowVolatility, .lowVolatility) ? .lowVolatility : .ranging
  }
}

@Test(arguments: [1, 2, 3, 4]) func regimesEqualTheWrittenRules(_ seed: UInt64) throws {
  let series = randomMarket(3000, seed: seed, holes: 0.002)
  let set = try RegimeLabeler.label(series, configuration: rules)
  let expected = NaiveRegimes(candles: series, rules: rules).labels()
  for row in 0..<series.count {
    #expect(set[row] == expected[row], "row \(row)")
    #expect((set.regime[row] >= 0) == (set.reason[row] == -1))
    #expect(set.endTime[row] == (set[row] == nil ? 0 : series.closeTime(row + 10)))
  }
  #expect(Set(set.regime).count == 8, "every regime and the absence of one must occur")
}

@Test func regimesDoNotDependOnWhatComesAfterTheirWindow() throws {
  let series = randomMarket(900, seed: 17)
  let full = try RegimeLabeler.label(series, configuration: rules)
  for cut in stride(from: 160, to: 880, by: 11) {
    var changed = series
    for bar in (cut + rules.window + 1)..<series.count {
      let factor = bar % 2 == 0 ? 1.7 : 0.6
      changed.open[bar] *= factor
      changed.close[bar] *= factor
      changed.high[bar] *= factor * 1.1
      changed.low[bar] *= factor * 0.9
    }
    let set = try RegimeLabeler.label(changed, configuration: rules)
    #expect(set.regime[...cut] == full.regime[...cut])
    // The same holds when the later candles are not there at all.
    let cutOff = try RegimeLabeler.label(series.slice(0..<cut + rules.window + 1), configuration: rules)
    #expect(cutOff.regime[...cut] == full.regime[...cut] && cutOff.regime[cut + 1] == -1)
  }
}

/// Log moves that alternate by an amplitude of 0.8 to 1.2 % which changes every ten candles; among them a rise and a
/// fall of 1 % a candle, ten candles of 3 % and ten of 0.1 %.
@Test func handMadeMarketsHaveTheirRegimes() throws {
  var rows: [(Double, Double, Double, Double)] = []
  var price = 100.0
  for bar in 0..<560 {
    let sign = bar % 2 == 0 ? 1.0 : -1.0
    let amplitude = 0.008 + 0.0005 * Double(bar / 10 % 9)
    let step =
      switch bar {
      case 300..<330: 0.01
      case 330..<360: -0.01
      case 420..<430: 0.03 * sign
      case 490..<500: 0.001 * sign
      default: amplitude * sign
      }
    let close = price * exp(step)
    rows.append((price, max(price, close), min(price, close), close))
    price = close
  }
  var immediate = rules
  immediate.confirmation = 1
  let set = try RegimeLabeler.label(candles(rows), configuration: immediate)
  for (row, regime) in [
    (299, Regime.breakout), (312, .trendingUp), (329, .reversal), (342, .trendingDown),
    (419, .highVolatility),
    (459, .ranging), (489, .lowVolatility),
  ] {
    #expect(set[row] == regime, "row \(row)")
  }
}

@Test func aRegimeIsLeftAtItsOwnLimitAndOnlyWhenConfirmed() {
  var state = RegimeState(configuration: RegimeLabeler.Configuration(confirmation: 3))
  func update(_ rank: Double) -> Regime {
    state.update(
      RegimeState.Features(
        next: 0, nextVolatility: 0.01, past: 0, pastVolatility: 0.01, adx: 10, rank: rank, escape: -0.5))
  }
  // 0.86 lies between the limits 0.9 and 0.85: it does not begin a regime of high volatility.
  #expect([0.5, 0.86, 0.86, 0.86].map(update) == [.ranging, .ranging, .ranging, .ranging])
  // Two rows, an interruption, then three in a row.
  #expect([0.91, 0.91, 0.5, 0.91, 0.91].map(update) == Array(repeating: .ranging, count: 5))
  #expect(update(0.91) == .highVolatility)
  // But it does not end one either.
  #expect([0.86, 0.86, 0.86, 0.84, 0.84].map(update) == Array(repeating: .highVolatility, count: 5))
  #expect(update(0.84) == .ranging)
  #expect([0.12, 0.12, 0.12].map(update).last == .ranging)
  #expect(
    [0.09, 0.09, 0.09, 0.12, 0.12, 0.12].map(update).suffix(4) == Array(repeating: .lowVolatility, count: 4))
}

@Test func confirmationReducesChanges() throws {
  let series = randomMarket(5000, seed: 23)
  let changes = try [1, 3, 8].map { count in
    var configuration = rules
    configuration.confirmation = count
    return try RegimeLabeler.label(series, configuration: configuration).census.changesPerDay
  }
  #expect(changes[0] > changes[1] && changes[1] > changes[2])
}

/// `Golden/adx.csv` was made by TA-Lib 0.8.1 under its Python package 0.8.2 (see `Golden/adx.py`).
@Test func directionalIndexEqualsTALib() throws {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Golden/adx.csv")
  let columns = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst().map { line in
    line.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
  }
  for (index, period) in [(3, 14), (4, 5)] {
    let ours = WindowFacts.averageDirectionalIndex(
      high: columns.map { $0[0] }, low: columns.map { $0[1] }, close: columns.map { $0[2] }, period: period)
    for (row, value) in ours.enumerated() {
      let theirs = columns[row][index]
      #expect(value.isNaN == theirs.isNaN, "row \(row)")
      // A few hundred smoothing steps of numbers below 100, each rounded once.
      if !value.isNaN { #expect(abs(value - theirs) < 1e-9, "row \(row)") }
    }
  }
}

@Test func aRegimeCensusCountsWhatTheColumnsHold() throws {
  let set = try RegimeLabeler.label(randomMarket(3000, seed: 6, holes: 0.002), configuration: rules)
  let census = set.census
  #expect(census.classes.map(\.count).reduce(0, +) == census.labelled)
  #expect(
    census.labelled + census.unlabelledGap + census.unlabelledEndOfData + census.unlabelledWarmUp
      == census.rows)
  let lines = String(decoding: set.csv(), as: UTF8.self).split(separator: "\n")
  #expect(lines[0] == "open_time,regime,end_time" && lines.count == census.labelled + 1)
  let ups = lines.filter { $0.contains(",TRENDING_UP,") }
  #expect(ups.count == census.classes[0].count)
  #expect(try JSONDecoder().decode(RegimeSet.Census.self, from: try JSONEncoder().encode(census)) == census)
}
