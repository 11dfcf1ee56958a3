import Backtest
import Compute
import Market
import Testing

/// The venue gives plain trades the same money as `Backtest`, an engine of its own, to the last unit.
@Suite struct BacktestTwinTests {
  /// What a random market is like.
  private struct Kind {
    /// Opens away from the close before, in standard deviations.
    var jumps: Double
    /// Share of candles before which some are missing.
    var holes: Double
    /// Longest holding time in candles.
    var horizon: Int64
    var reverses: Bool
    /// Whether settlements fall on candle opens.
    var onOpens: Bool
  }

  // Backtest ends a holding time at a close, the loop at the next open, so there the two prices are made equal and
  // settlements are kept off the opens; and over a gap a reversal lapses in one and not in the other.
  @Test(arguments: [0, 1, 2, 3])
  func tradesAreTheSameToTheLastUnit(_ kind: Int) throws {
    let kinds = [
      Kind(jumps: 1.5, holes: 0.03, horizon: 100_000, reverses: false, onOpens: true),
      Kind(jumps: 1.5, holes: 0, horizon: 100_000, reverses: true, onOpens: true),
      Kind(jumps: 0, holes: 0, horizon: 7, reverses: false, onOpens: false),
      Kind(jumps: 0, holes: 0, horizon: 7, reverses: true, onOpens: false),
    ]
    var compared = 0
    var seen: Set<String> = []
    for seed in 0..<800 {
      var random = Philox(seed: UInt64(seed), stream: UInt64(kind))
      compared += try compare(kinds[kind], &random, &seen)
    }
    // So that the comparison is one: every way to end occurs, thousands of times in all.
    #expect(compared > 4_000)
    let hasTime = kinds[kind].horizon < 100_000
    let expected =
      ["stop", "take_profit"] + (hasTime ? ["time"] : []) + (kinds[kind].reverses ? ["reversal"] : [])
    #expect(seen.isSuperset(of: expected))
  }

  private func compare(_ kind: Kind, _ random: inout Philox, _ seen: inout Set<String>) throws -> Int {
    let count = 80
    let interval = Interval.minute
    let tick = [0.1, 0.01, 0.5][random.integer(below: 3)]
    var configuration = Backtest.Configuration(randomRuns: 0)
    configuration.rules = SymbolRules(
      tickSize: try Price(tick), stepSize: Quantity(units: 100_000), minNotional: .zero)
    configuration.takeProfit = Rate(units: Int64(300_000 + random.integer(below: 1_000_000)))
    // Beyond what slippage and a tick of 0.5 at 200 can take from an entry, so that no entry lies behind its stop.
    configuration.stopLoss = Rate(units: Int64(350_000 + random.integer(below: 600_000)))
    configuration.horizon = Interval(milliseconds: kind.horizon * interval.milliseconds)
    configuration.slippage = Rate(units: Int64(random.integer(below: 50_000)))
    configuration.stopSlippage = Rate(units: Int64(random.integer(below: 50_000)))
    configuration.takeProfitLiquidity = random.integer(below: 2) == 0 ? .maker : .taker
    configuration.makerFee = Rate(units: Int64(random.integer(below: 40_000)) - 20_000)
    configuration.whileInPosition = kind.reverses ? .reverse : .ignore
    configuration.minimumConfidence = 0

    var candles = CandleSeries(symbol: "TEST", interval: interval)
    var time: Int64 = 1_700_000_000_000 / interval.milliseconds * interval.milliseconds
    var price = 200 + 800 * random.uniform()
    // A fifth of the markets trade off the tick, as averages of venues do.
    let isOnTick = random.integer(below: 5) > 0
    func rounded(_ value: Double) -> Double { isOnTick ? (value / tick).rounded() * tick : value }
    for _ in 0..<count {
      let open = rounded(price * (1 + kind.jumps * 0.002 * (random.uniform() - 0.5)))
      let close = rounded(open * (1 + 0.006 * (random.uniform() - 0.5)))
      candles.append(
        Candle(
          openTime: time, open: open, high: rounded(max(open, close) * (1 + 0.003 * random.uniform())),
          low: rounded(min(open, close) * (1 - 0.003 * random.uniform())), close: close, volume: .nan))
      price = close
      time += interval.milliseconds
      if random.uniform() < kind.holes { time += interval.milliseconds * Int64(1 + random.integer(below: 5)) }
    }
    var funding = FundingSeries()
    var instant = candles.openTime[0] + (kind.onOpens ? 0 : 20_000)
    while instant < time {
      funding.time.append(instant + Int64(random.integer(below: 8)))
      funding.rate.append(((random.uniform() - 0.5) * 200_000).rounded() / 1e8)
      instant += interval.milliseconds * Int64(1 + random.integer(below: 6))
      if kind.onOpens { instant += [0, 30_000][random.integer(below: 2)] }
    }
    let directions: [Direction] = (0..<count).map { _ in
      random.integer(below: 3) > 0 ? .neutral : random.integer(below: 2) == 0 ? .long : .short
    }
    let signals = Backtest.Signals(direction: directions, confidence: directions.map { _ in 1 })

    let result = try Backtest.run(candles, signals: signals, funding: funding, configuration: configuration)
    var session = try Session(configuration, interval: interval)
    try session.run(candles, signals, funding)

    // What ends with the data, or at its last close, has no next open in the loop.
    let end = candles.closeTime(count - 1)
    let expected = result.trades.filter {
      $0.reason != .endOfData && !($0.reason == .time && $0.exitTime == end)
    }
    guard expected.count == session.trades.count else {
      Issue.record("\(session.trades.count) trades instead of \(expected.count)")
      return 0
    }
    var profit = Money.zero
    for (trade, other) in zip(expected, session.trades) {
      seen.insert(trade.reason.rawValue)
      let closed = other.closed
      let isSame =
        closed.direction == trade.direction && closed.entryTime == trade.entryTime
        && closed.exitTime == trade.exitTime && closed.quantity == trade.quantity
        && other.entryPrice == trade.entryPrice && other.exitPrice == trade.exitPrice
        && closed.grossProfit == trade.grossProfit && closed.fees == trade.fees
        && closed.funding == trade.funding && closed.profit == trade.profit
      guard isSame else {
        Issue.record("\(trade) against \(other)")
        return 0
      }
      profit = try profit + trade.profit
    }
    if session.account.isFlat {
      #expect(session.account.cash == (try configuration.initialEquity + profit))
    }
    return expected.count
  }
}
