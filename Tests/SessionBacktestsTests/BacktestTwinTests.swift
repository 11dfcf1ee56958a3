import Backtest
import Compute
import Files
import Market
import Risk
import Testing

@testable import SessionBacktests

/// The decision loop and `Backtest`, two engines, give the same trades and the same money to the last unit where they
/// mean the same.
@Suite struct BacktestTwinTests {
  /// What a random market is like.
  private struct Kind {
    /// Longest holding time in candles.
    var horizon: Int64
    var reverses: Bool
  }

  /// Limits that nothing reaches.
  private var openLimits: RiskLimits {
    var limits = RiskLimits()
    (limits.maximumMargin, limits.maximumAccountMargin) = (.one, .one)
    (limits.maximumStopLoss, limits.maximumTakeProfit) = (.one, .one)
    (limits.maximumDailyLoss, limits.maximumDrawdown) = (.one, .one)
    (limits.maximumDailyTrades, limits.maximumConsecutiveLosses) = (1_000_000, 1_000_000)
    limits.volatilityMultiple = 1_000
    return limits
  }

  // The loop sizes at the close that decides and ends a holding time at the next open, so opens are the closes before
  // and entries slip by nothing. What a reversal costs is known to `Backtest` when it sizes what follows, and to the loop
  // not yet; there it is free.
  @Test(arguments: [0, 1, 2])
  func tradesAndMoneyAreTheSameToTheLastUnit(_ kind: Int) throws {
    let kinds = [
      Kind(horizon: 100_000, reverses: false), Kind(horizon: 7, reverses: false),
      Kind(horizon: 100_000, reverses: true),
    ]
    var compared = 0
    var seen: Set<Backtest.ExitReason> = []
    for seed in 0..<700 {
      var random = Philox(seed: UInt64(seed), stream: UInt64(kind))
      compared += try compare(kinds[kind], &random, &seen)
    }
    #expect(compared > 3_000)
    #expect(seen.isSuperset(of: [.stop, .takeProfit]))
    #expect(seen.contains(.time) == (kinds[kind].horizon < 100_000))
    #expect(seen.contains(.reversal) == kinds[kind].reverses)
  }

  private func compare(
    _ kind: Kind, _ random: inout Philox, _ seen: inout Set<Backtest.ExitReason>
  ) throws -> Int {
    let tick = [0.1, 0.01, 0.5][random.integer(below: 3)]
    let trading = try settings(kind, tick: tick, &random)
    let data = market(tick: tick, &random)
    let candles = data.candles
    let directions: [Direction] = (0..<candles.count).map { _ in
      random.integer(below: 3) > 0 ? .neutral : random.integer(below: 2) == 0 ? .long : .short
    }
    var signals = Backtest.Signals(
      direction: directions, confidence: directions.map { _ in random.uniform() })
    var expected = try Backtest.run(
      candles, signals: signals, funding: data.funding, configuration: trading)
    // At the close at which a holding time ends, the loop still holds the position and passes a signal over.
    var place = 0
    while place < expected.trades.count {
      let trade = expected.trades[place]
      let bar = candles.firstIndex(atOrAfter: trade.exitTime) - 1
      if trade.reason == .time, signals.direction[bar] != .neutral {
        signals.direction[bar] = .neutral
        expected = try Backtest.run(
          candles, signals: signals, funding: data.funding, configuration: trading)
      }
      place += 1
    }
    let result = try SessionBacktest(
      data, digest: Digest(of: []), signals: signals,
      configuration: SignalConfiguration(trading: trading, risk: openLimits, volumeShare: .zero)
    ).run()

    // What ends with the data, or at its last close, has no next open in the loop.
    let end = candles.closeTime(candles.count - 1)
    let finished = expected.trades.filter {
      $0.reason != .endOfData && !($0.reason == .time && $0.exitTime == end)
    }
    guard result.trades == finished else {
      for (trade, other) in zip(finished, result.trades) where trade != other {
        Issue.record("\(trade) against \(other)")
        return 0
      }
      Issue.record("\(result.trades.count) trades instead of \(finished.count); refused \(result.refused)")
      return 0
    }
    for trade in finished { seen.insert(trade.reason) }
    let isFlat = finished.count == expected.trades.count
    #expect(isFlat == result.openPositions.isEmpty)
    // Up to the end of the last finished position both accounts are the same at every close.
    var bars = try #require(expected.bars)
    let other = try #require(result.bars)
    let settled = isFlat ? end : finished.last?.exitTime ?? 0
    // A holding time that is over costs the fee of its end at this close there, and at the next open here.
    for trade in finished where trade.reason == .time {
      let place = try #require(bars.firstIndex { $0.time == trade.exitTime })
      let notional = try Money(price: trade.exitPrice, quantity: trade.quantity)
      bars[place].equity = try bars[place].equity + notional.multiplied(by: trading.takerFee, .up)
    }
    #expect(bars.filter { $0.time <= settled } == other.filter { $0.time <= settled })
    if isFlat {
      var curve = Backtest.EquityCurve(initial: trading.initialEquity, interval: .minute)
      for bar in bars { curve.append(closeTime: bar.time, equity: bar.equity) }
      #expect(result.metrics == (try Backtest.Metrics(curve: curve, trades: expected.trades, open: [])))
      #expect(result.baselines?.buyAndHold == expected.baselines.buyAndHold)
      #expect(result.skipped == expected.skipped)
    }
    return finished.count
  }

  private func settings(
    _ kind: Kind, tick: Double, _ random: inout Philox
  ) throws -> Backtest.Configuration {
    var trading = Backtest.Configuration(randomRuns: 0, keepsBars: true)
    trading.rules = SymbolRules(
      tickSize: try Price(tick), stepSize: Quantity(units: 100_000), minNotional: .zero)
    trading.takeProfit = Rate(units: Int64(300_000 + random.integer(below: 1_000_000)))
    trading.stopLoss = Rate(units: Int64(350_000 + random.integer(below: 600_000)))
    trading.horizon = Interval(milliseconds: kind.horizon * 60_000)
    trading.slippage = .zero
    trading.stopSlippage = Rate(units: Int64(random.integer(below: 50_000)))
    trading.takeProfitLiquidity = random.integer(below: 2) == 0 ? .maker : .taker
    trading.makerFee = Rate(units: Int64(random.integer(below: 40_000)) - 20_000)
    trading.takerFee = kind.reverses ? .zero : trading.takerFee
    trading.whileInPosition = kind.reverses ? .reverse : .ignore
    trading.minimumConfidence = 0.3
    return trading
  }

  /// Eighty candles that open where the one before closed, and settlements inside them.
  private func market(tick: Double, _ random: inout Philox) -> MarketData {
    var candles = CandleSeries(symbol: "TEST", interval: .minute)
    var time: Int64 = 1_700_000_040_000
    func rounded(_ value: Double) -> Double { (value / tick).rounded() * tick }
    var price = rounded(200 + 800 * random.uniform())
    for _ in 0..<80 {
      let close = rounded(price * (1 + 0.006 * (random.uniform() - 0.5)))
      candles.append(
        Candle(
          openTime: time, open: price, high: rounded(max(price, close) * (1 + 0.003 * random.uniform())),
          low: rounded(min(price, close) * (1 - 0.003 * random.uniform())), close: close, volume: 1))
      price = close
      time += 60_000
    }
    var funding = FundingSeries()
    var instant = candles.openTime[0] + 20_000
    while instant < time {
      funding.time.append(instant)
      funding.rate.append(((random.uniform() - 0.5) * 200_000).rounded() / 1e8)
      instant += 60_000 * Int64(1 + random.integer(below: 6))
    }
    return MarketData(candles: candles, funding: funding)
  }
}
