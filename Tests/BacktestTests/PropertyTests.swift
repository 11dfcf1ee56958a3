import Diagnostics
import Foundation
import Labels
import Market
import MarketFixtures
import Testing

@testable import Backtest

@Suite struct AccountingTests {
  @Test(arguments: [1, 2, 3, 4, 5, 6], Backtest.WhileInPosition.allCases)
  func everyUnitOfMoneyIsAccountedFor(_ seed: UInt64, _ mode: Backtest.WhileInPosition) throws {
    let series = randomMarket(6000, seed: seed, holes: 0.003)
    let funding = randomFunding(series, every: 7 * minute, seed: seed)
    let signals = randomSignals(series.count, seed: seed + 100, every: 20)
    let configuration = Backtest.Configuration(
      takeProfitLiquidity: seed % 2 == 0 ? .maker : .taker, whileInPosition: mode,
      rules: SymbolRules(tickSize: try Price("0.01")), randomRuns: 0, keepsBars: true)
    let result = try Backtest.run(series, signals: signals, funding: funding, configuration: configuration)
    #expect(result.trades.count > 50)
    var cash = configuration.initialEquity
    for trade in result.trades {
      let gross = try Money(from: trade.entryPrice, to: trade.exitPrice, quantity: trade.quantity)
      #expect(trade.grossProfit.units == trade.direction.sign * gross.units)
      #expect(try trade.profit == trade.grossProfit - trade.fees - trade.funding)
      #expect(trade.quantity.isMultiple(of: configuration.rules.stepSize))
      for price in [trade.entryPrice, trade.exitPrice] {
        #expect(price.isMultiple(of: configuration.rules.tickSize))
      }
      let notional = try Money(price: trade.entryPrice, quantity: trade.quantity)
      #expect(
        try notional <= cash.multiplied(by: try Rate("0.4"), .up)
          && notional >= configuration.rules.minNotional)
      cash = try cash + trade.profit
    }
    #expect(cash == result.metrics.finalEquity)
    for (one, two) in zip(result.trades, result.trades.dropFirst()) {
      #expect(two.entryTime >= one.exitTime)
      if mode == .ignore { #expect(two.entryTime - one.exitTime >= 0 && one.reason != .reversal) }
    }
    let metrics = result.metrics
    #expect(
      try metrics.grossProfit - metrics.fees - metrics.funding == metrics.finalEquity
        - configuration.initialEquity)
    #expect(metrics.trades == result.trades.count && metrics.funding != .zero)

    // Daily equity is the equity at the last close of each day.
    let bars = try #require(result.bars)
    #expect(bars.count == series.count && bars.last?.equity == cash)
    for point in result.daily {
      #expect(bars.last(where: { $0.time <= point.time })?.equity == point.equity)
    }
    #expect(result.daily.last?.time == bars.last?.time)
    #expect(
      zip(result.daily, result.daily.dropFirst().dropLast()).allSatisfy { $1.time - $0.time == 86_400_000 })
  }

  /// Outside of positions equity is the cash. Closes at the instant of an exit are left out: an exit at the next
  /// candle's open bears the same time, and there the position is still open.
  @Test func equityIsCashWhileNothingIsHeld() throws {
    let series = randomMarket(4000, seed: 31)
    let result = try Backtest.run(
      series, signals: randomSignals(4000, seed: 7, every: 60),
      configuration: Backtest.Configuration(randomRuns: 0, keepsBars: true))
    let bars = try #require(result.bars)
    for bar in bars {
      guard !result.trades.contains(where: { $0.entryTime < bar.time && bar.time <= $0.exitTime }) else {
        continue
      }
      let cash = result.trades.filter { $0.exitTime <= bar.time }.reduce(1_000_000_000_000) {
        $0 + $1.profit.units
      }
      #expect(bar.equity.units == cash)
    }
  }

  @Test func whatComesLaterChangesNothingBefore() throws {
    let series = randomMarket(2000, seed: 8, holes: 0.002)
    let signals = randomSignals(2000, seed: 9, every: 15)
    let configuration = Backtest.Configuration(whileInPosition: .reverse, randomRuns: 0, keepsBars: true)
    let full = try Backtest.run(series, signals: signals, configuration: configuration)
    for cut in stride(from: 100, to: 1990, by: 61) {
      var changed = series
      var other = signals
      for bar in cut..<2000 {
        let factor = bar % 2 == 0 ? 1.5 : 0.7
        changed.open[bar] *= factor
        changed.close[bar] *= factor
        changed.high[bar] *= factor * 1.1
        changed.low[bar] *= factor * 0.9
        other.direction[bar] = .short
      }
      let result = try Backtest.run(changed, signals: other, configuration: configuration)
      #expect(try #require(result.bars)[..<cut] == #require(full.bars)[..<cut])
      let known = series.openTime[cut]
      // An exit stamped at the changed candle's open may be of that candle.
      #expect(result.trades.filter { $0.exitTime < known } == full.trades.filter { $0.exitTime < known })
    }
  }
}

@Suite struct LabelAgreementTests {
  /// Without slippage and rounding a trade entered at a row earns what the label's outcome of that row says.
  @Test(arguments: [1, 2, 3], [false, true])
  func exitsAreThoseOfTheTripleBarrier(_ seed: UInt64, _ hasFunding: Bool) throws {
    let series = randomMarket(5000, seed: seed, holes: 0.002)
    let horizon = try Interval("20m")
    let funding = hasFunding ? randomFunding(series, every: 11 * minute, seed: seed) : nil
    let labels = try TripleBarrier.label(
      series, configuration: TripleBarrier.Configuration(horizon: horizon), funding: funding)
    var signals = Backtest.Signals(
      direction: series.openTime.map { _ in .neutral }, confidence: series.openTime.map { _ in 1 })
    for row in labels.labelledRows {
      // Every labelled LONG and SHORT, and now and then a direction that the label does not advise.
      signals.direction[row] =
        labels[row] == .neutral && row % 5 == 0 ? (row % 2 == 0 ? .long : .short) : labels[row]!
    }
    let result = try Backtest.run(
      series, signals: signals, funding: funding,
      configuration: Backtest.Configuration(
        horizon: horizon, slippage: .zero, stopSlippage: .zero, rules: .finest, randomRuns: 0))
    var labelled = 0
    var reasons: Set<Backtest.ExitReason> = []
    for trade in result.trades {
      let row = series.firstIndex(atOrAfter: trade.entryTime) - 1
      let outcome = trade.direction == .long ? labels.long : labels.short
      // A label charges funding to the end of the candle, a stop at the open ends it there.
      if hasFunding, series.openTime.contains(trade.exitTime), trade.exitTime != outcome.exitTime[row] {
        continue
      }
      let notional = try Money(price: trade.entryPrice, quantity: trade.quantity).doubleValue
      // Prices, funding and fees are rounded to 1e-8 on a notional of thousands; the quantity to 1e-8 of 40.
      #expect(abs(trade.profit.doubleValue / notional - outcome.net[row]) < 1e-9, "row \(row)")
      #expect(trade.exitTime == outcome.exitTime[row] || trade.exitTime == outcome.exitTime[row] - minute)
      if labels[row] == trade.direction {
        labelled += 1
        #expect(
          trade.reason == .takeProfit
            && abs(trade.profit.doubleValue / notional - labels.netReturn[row]) < 1e-9)
      }
      reasons.insert(trade.reason)
    }
    #expect(labelled > 5 && reasons.isSuperset(of: [.takeProfit, .stop, .time]))
  }
}

@Suite struct RandomEntryTests {
  private func run(seed: UInt64, runs: Int = 60, market: UInt64 = 5) throws -> Backtest.Result {
    try Backtest.run(
      randomMarket(3000, seed: market), signals: randomSignals(3000, seed: 6, every: 100),
      configuration: Backtest.Configuration(randomRuns: runs, seed: seed))
  }

  @Test func seedsDecideAndRunsAreStreams() throws {
    let one = try #require(try run(seed: 1).baselines.randomEntry)
    #expect(try run(seed: 1).baselines.randomEntry == one)
    #expect(try run(seed: 2).baselines.randomEntry?.totalReturns != one.totalReturns)
    // More runs continue the same streams.
    let more = try #require(try run(seed: 1, runs: 90).baselines.randomEntry)
    #expect(Array(more.totalReturns[..<60]) == one.totalReturns)
    #expect(Set(one.totalReturns).count > 50)
    #expect(try run(seed: 1, runs: 0).baselines.randomEntry == nil)
  }

  @Test func theStatisticsAreThoseOfTheRuns() throws {
    let result = try run(seed: 3)
    let random = try #require(result.baselines.randomEntry)
    let returns = random.totalReturns
    let mean = returns.reduce(0, +) / 60
    let better = returns.filter { $0 >= result.metrics.totalReturn }.count
    #expect(random.pValue == Double(better + 1) / 61)
    #expect(random.pValue > 0 && random.pValue <= 1)
    // Sums of 60 numbers below one, in the same order.
    #expect(abs(random.mean - mean) < 1e-12)
    let variance = returns.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 59
    #expect(abs(random.standardDeviation - variance.squareRoot()) < 1e-12)
    let sorted = returns.sorted()
    // Positions 2.95, 29.5 and 56.05 of 0…59.
    let positions: [(index: Int, part: Double)] = [(2, 0.95), (29, 0.5), (56, 0.05)]
    for (position, quantile) in zip(positions, random.quantiles) {
      let below = sorted[position.index]
      let above = sorted[position.index + 1]
      #expect(abs(below + (above - below) * position.part - quantile) < 1e-12)
    }
    #expect(random.meanTrades <= Double(result.trades.count) && random.meanTrades > 0)
  }

  /// A strategy that knows the answers must beat luck; one that enters at random must not.
  @Test func thePValueTellsSkillFromLuck() throws {
    let series = randomMarket(3000, seed: 11)
    let labels = try TripleBarrier.label(series)
    var signals = Backtest.Signals(
      direction: series.openTime.map { _ in .neutral }, confidence: series.openTime.map { _ in 1 })
    for row in labels.labelledRows { signals.direction[row] = labels[row]! }
    let oracle = try Backtest.run(
      series, signals: signals, configuration: Backtest.Configuration(randomRuns: 99))
    #expect(oracle.baselines.randomEntry?.pValue == 0.01)
    let luck = try (1...20).map { seed in
      try Backtest.run(
        series, signals: randomSignals(3000, seed: UInt64(seed) * 977, every: 100),
        configuration: Backtest.Configuration(randomRuns: 49)
      ).baselines.randomEntry!.pValue
    }
    // Uniform p-values: the mean of 20 has a standard deviation of 0.065.
    #expect(abs(luck.reduce(0, +) / 20 - 0.5) < 0.25)
  }
}

@Suite struct BaselineTests {
  @Test func buyAndHoldIsOnePositionOfAllTheEquity() throws {
    let series = candles([(100, 101, 99, 100), (100, 121, 99, 120), (120, 120, 79, 80), (80, 111, 80, 110)])
    let neutral = Backtest.Signals(
      direction: Array(repeating: .neutral, count: 4), confidence: Array(repeating: 1, count: 4))
    let result = try Backtest.run(
      series, signals: neutral, configuration: Backtest.Configuration(takerFee: .zero, slippage: .zero))
    let hold = result.baselines.buyAndHold
    #expect(hold.finalEquity.description == "11000" && hold.trades == 1 && hold.exposure == 1)
    // From 12000 to 8000.
    #expect(abs(hold.drawdown.depth - 1.0 / 3) < 1e-15 && hold.drawdown.recoveryTime == nil)
    #expect(hold.drawdown.peakTime == start + 2 * minute && hold.drawdown.troughTime == start + 3 * minute)
    #expect(result.trades.isEmpty && result.metrics.totalReturn == 0 && result.baselines.alwaysNeutral == 0)
    #expect(
      result.baselines.randomEntry == nil && result.metrics.sharpe == nil && result.metrics.winRate == nil)
  }

  @Test func aGapIsNoDrawdown() throws {
    let series = candles([(100, 100, 100, 100), (100, 100, 100, 100), (101, 101, 101, 101)], skip: [2])
    let neutral = Backtest.Signals(
      direction: Array(repeating: .neutral, count: 3), confidence: Array(repeating: 1, count: 3))
    let result = try Backtest.run(series, signals: neutral)
    #expect(result.metrics.drawdown.depth == 0 && result.metrics.drawdown.longestDays == 0)
  }

  @Test func aResultReadsBackFromItsJSON() throws {
    let series = randomMarket(500, seed: 2)
    let result = try Backtest.run(
      series, signals: randomSignals(500, seed: 3, every: 20),
      configuration: Backtest.Configuration(randomRuns: 5, keepsBars: true))
    let copy = try JSONDecoder().decode(Backtest.Result.self, from: try JSONEncoder().encode(result))
    #expect(copy == result)
    let wrong = Data(#"{"take_proft": "0.02"}"#.utf8)
    #expect(throws: (any Error).self) { try JSONDecoder().decode(Backtest.Configuration.self, from: wrong) }
  }
}

private let year = "spot_BTCUSDT_1m_2023.csv.gz"

@Suite(.serialized) struct RealYearTests {
  @Test(.enabled(if: SharedData.has(year), "skipped: no shared data"))
  func aYearOfMinutes() throws {
    let series = try SharedData.candles(year)
    let signals = randomSignals(series.count, seed: 4, every: 100)
    let clock = ContinuousClock()
    var best = Duration.seconds(1000)
    var result: Backtest.Result?
    for _ in 0..<3 {
      best = min(
        best,
        try clock.measure {
          result = try Backtest.run(
            series, signals: signals, configuration: Backtest.Configuration(randomRuns: 0))
        })
    }
    let found = try #require(result)
    print("backtest of \(series.count) candles, \(found.trades.count) trades: \(best)")
    let runs = try clock.measure { _ = try Backtest.run(series, signals: signals) }
    print("with 200 random-entry runs: \(runs)")
    let total = found.trades.reduce(1_000_000_000_000) { $0 + $1.profit.units }
    #expect(found.metrics.finalEquity.units == total && found.daily.count == 365)
    // Costs of 0.12 % a trade on 40 % of the equity eat a strategy without skill.
    #expect(found.metrics.totalReturn < -0.3)
    // The bound is 40 times what an idle core needs, so that only a change of the algorithm's order fails it.
    #expect(best < .seconds(4))
  }
}
