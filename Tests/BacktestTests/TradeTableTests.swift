import Diagnostics
import Market
import MarketFixtures
import Testing

@testable import Backtest

/// What one trade must come to. Instants are minutes after the first candle's open.
struct ExpectedTrade: Sendable {
  var direction: Direction
  var from: Int64
  var to: Int64
  var entry: String
  var exit: String
  var quantity: String
  var fees: String
  var profit: String
  var reason: Backtest.ExitReason
  var funding = "0"
}

/// Worked cases. The signal is given at the close of candle 0 and enters at the open (100) of candle 1, a minute
/// later. Balance 10000, notional 10000 × 0.08 × 5 = 4000, so 40 units; take profit 1.5 % (101.5 or 98.5), stop
/// 0.5 % (99.5 or 100.5), horizon three minutes, fees 0.05 % on either side (2 at the entry), no slippage, tick 0.01,
/// step 0.001.
struct TradeCase: CustomTestStringConvertible, Sendable {
  var name: String
  /// Candles 1, 2, ….
  var rows: [(Double, Double, Double, Double)]
  var signals: [(Int, Direction)] = [(0, .long)]
  /// Candles with a missing candle before them.
  var skip: Set<Int> = []
  /// Seconds after the first candle's open, and the rate.
  var funding: [(Double, Double)] = []
  var change: @Sendable (inout Backtest.Configuration) -> Void = { _ in }
  var trades: [ExpectedTrade]
  var skipped = Backtest.Skipped()
  var testDescription: String { name }
}

private let quiet = (100.0, 100.2, 99.8, 100.0)
private let last = (100.0, 100.4, 99.6, 100.3)

private func long(
  _ to: Int64, _ exit: String, _ fees: String, _ profit: String, _ reason: Backtest.ExitReason,
  funding: String = "0",
  entry: String = "100", quantity: String = "40"
) -> ExpectedTrade {
  ExpectedTrade(
    direction: .long, from: 1, to: to, entry: entry, exit: exit, quantity: quantity, fees: fees,
    profit: profit,
    reason: reason, funding: funding)
}

private func short(
  _ to: Int64, _ exit: String, _ fees: String, _ profit: String, _ reason: Backtest.ExitReason,
  funding: String = "0"
) -> ExpectedTrade {
  ExpectedTrade(
    direction: .short, from: 1, to: to, entry: "100", exit: exit, quantity: "40", fees: fees, profit: profit,
    reason: reason, funding: funding)
}

let exitCases: [TradeCase] = [
  TradeCase(
    name: "long, take profit: 1.5 × 40 − 2 − 4060 × 0.0005", rows: [quiet, (100, 101.6, 99.9, 101), quiet],
    trades: [long(3, "101.5", "4.03", "55.97", .takeProfit)]),
  TradeCase(
    name: "long, stop", rows: [(100, 100.1, 99.4, 99.6), quiet, quiet],
    trades: [long(2, "99.5", "3.99", "-23.99", .stop)]),
  TradeCase(
    name: "long, time: at the close of the third candle", rows: [quiet, quiet, last, quiet],
    trades: [long(4, "100.3", "4.006", "7.994", .time)]),
  TradeCase(
    name: "short, take profit", rows: [quiet, (100, 100.1, 98.4, 98.6), quiet], signals: [(0, .short)],
    trades: [short(3, "98.5", "3.97", "56.03", .takeProfit)]),
  TradeCase(
    name: "short, stop", rows: [(100, 100.6, 99.9, 100.5), quiet, quiet], signals: [(0, .short)],
    trades: [short(2, "100.5", "4.01", "-24.01", .stop)]),
  TradeCase(
    name: "both barriers in one candle: the stop", rows: [(100, 101.6, 99.4, 101), quiet, quiet],
    trades: [long(2, "99.5", "3.99", "-23.99", .stop)]),
  TradeCase(
    name: "a candle opens beyond the stop: filled at that open",
    rows: [quiet, (99.2, 99.3, 98.9, 99), quiet],
    trades: [long(2, "99.2", "3.984", "-35.984", .stop)]),
  TradeCase(
    name: "a candle opens beyond the take profit: filled at the limit, whatever follows",
    rows: [quiet, (102, 102.2, 99, 99.1), quiet], trades: [long(2, "101.5", "4.03", "55.97", .takeProfit)]),
  TradeCase(
    name: "a gap in the data passes the horizon: the next open",
    rows: [quiet, quiet, (100.2, 100.3, 100.1, 100.2)],
    skip: [3], trades: [long(4, "100.2", "4.004", "3.996", .time)]),
  TradeCase(
    name: "the price falls through the stop in a gap of the data",
    rows: [quiet, (98, 98.2, 97.9, 98), quiet],
    skip: [2], trades: [long(3, "98", "3.96", "-83.96", .stop)]),
  TradeCase(
    name: "end of data", rows: [quiet, (100, 100.2, 99.9, 100.1)],
    trades: [long(3, "100.1", "4.002", "-0.002", .endOfData)]),
  TradeCase(
    name: "ruin: 10000 units of 100, all is lost at 98.9; nothing is left to follow the next signal with",
    rows: [(100, 100, 98.9, 98.9), quiet, quiet], signals: [(0, .long), (2, .long)],
    change: {
      $0.marginFraction = .one
      $0.leverage = Rate(units: 100 * Rate.scale)
      $0.stopLoss = Rate(units: 50_000_000)
      $0.takerFee = .zero
    },
    trades: [long(2, "98.9", "0", "-11000", .ruin, quantity: "10000")], skipped: .init(belowMinimum: 1)),
]

let costCases: [TradeCase] = [
  TradeCase(
    name: "slippage 0.01 %: in at 100.01 (39.996 units), out at 100.28997, on the tick 100.28",
    rows: [quiet, quiet, last], change: { $0.slippage = Rate(units: 10_000) },
    trades: [long(4, "100.28", "4.00539942", "6.79352058", .time, entry: "100.01", quantity: "39.996")]),
  TradeCase(
    name: "slippage of the stop 0.1 %: 99.4005, on the tick 99.4",
    rows: [(100, 100.1, 99.4, 99.6), quiet, quiet],
    change: { $0.stopSlippage = Rate(units: 100_000) }, trades: [long(2, "99.4", "3.988", "-27.988", .stop)]),
  TradeCase(
    name: "a take profit that rests pays the maker's fee", rows: [quiet, (100, 101.6, 99.9, 101), quiet],
    change: { $0.takeProfitLiquidity = .maker }, trades: [long(3, "101.5", "2.812", "57.188", .takeProfit)]),
  TradeCase(
    name: "funding at its instant, valued at that candle's open: 40 × 101 × 0.0001",
    rows: [quiet, (101, 101.1, 100.8, 101), (101, 101.2, 100.8, 101)], funding: [(120, 0.0001)],
    trades: [long(4, "101", "4.02", "35.576", .time, funding: "0.404")]),
  TradeCase(
    name: "the short receives it", rows: [quiet, (99, 99.2, 98.8, 99), (99, 99.2, 98.9, 99)],
    signals: [(0, .short)], funding: [(120, 0.0001)],
    trades: [short(4, "99", "3.98", "36.416", .time, funding: "-0.396")]),
  TradeCase(
    name: "no funding at the entry, even stamped late, nor at the exit", rows: [quiet, quiet, last, quiet],
    funding: [(60, 0.01), (60.003, 0.01), (240, 0.01)], trades: [long(4, "100.3", "4.006", "7.994", .time)]),
  TradeCase(
    name: "funding within the candle of the stop is paid", rows: [(100, 100.1, 99.4, 99.6), quiet, quiet],
    funding: [(90, 0.0001)], trades: [long(2, "99.5", "3.99", "-24.39", .stop, funding: "0.4")]),
  TradeCase(
    name: "funding at the open that stops is paid, valued there: 40 × 99.2 × 0.001",
    rows: [quiet, (99.2, 99.3, 98.9, 99), quiet], funding: [(120, 0.001)],
    trades: [long(2, "99.2", "3.984", "-39.952", .stop, funding: "3.968")]),
]

let ruleCases: [TradeCase] = [
  TradeCase(
    name: "a signal while in position is ignored", rows: [quiet, quiet, last],
    signals: [(0, .long), (1, .short)],
    trades: [long(4, "100.3", "4.006", "7.994", .time)], skipped: .init(inPosition: 1)),
  TradeCase(
    name: "reversal: out at 100.1 (4 − 4.002), short of 9999.998 × 0.4 / 100.1 = 39.96, out by time at 99.9",
    rows: [
      (100, 100.2, 99.8, 100.1), (100.1, 100.2, 99.9, 100), (100, 100.1, 99.9, 100), (100, 100.1, 99.9, 99.9),
    ],
    signals: [(0, .long), (1, .short)], change: { $0.whileInPosition = .reverse },
    trades: [
      long(2, "100.1", "4.002", "-0.002", .reversal),
      ExpectedTrade(
        direction: .short, from: 2, to: 5, entry: "100.1", exit: "99.9", quantity: "39.96", fees: "3.996",
        profit: "3.996", reason: .time),
    ]),
  TradeCase(
    name: "reversing, a signal of the same direction is ignored", rows: [quiet, quiet, last],
    signals: [(0, .long), (1, .long)], change: { $0.whileInPosition = .reverse },
    trades: [long(4, "100.3", "4.006", "7.994", .time)], skipped: .init(inPosition: 1)),
  TradeCase(
    name: "a signal before a gap lapses", rows: [quiet, quiet], skip: [1], trades: [], skipped: .init(gap: 1)),
  TradeCase(
    name: "a signal at the last candle lapses", rows: [quiet], signals: [(1, .short)], trades: [],
    skipped: .init(gap: 1)),
  TradeCase(
    name: "below the least notional", rows: [quiet, quiet, last],
    change: { $0.rules.minNotional = Money(units: 400_000_000_001) }, trades: [],
    skipped: .init(belowMinimum: 1)),
  TradeCase(
    name: "exactly the least notional", rows: [quiet, quiet, last],
    change: { $0.rules.minNotional = Money(units: 400_000_000_000) },
    trades: [long(4, "100.3", "4.006", "7.994", .time)]),
  TradeCase(
    name: "steps of 7: 35 units", rows: [quiet, quiet, last],
    change: { $0.rules.stepSize = Quantity(units: 700_000_000) },
    trades: [long(4, "100.3", "3.50525", "6.99475", .time, quantity: "35")]),
  TradeCase(
    name: "less than a step", rows: [quiet, quiet, last],
    change: {
      $0.rules.stepSize = Quantity(units: 4_100_000_000)
      $0.rules.minNotional = .zero
    }, trades: [], skipped: .init(belowMinimum: 1)),
  TradeCase(
    name: "ticks of 1: the barriers move away from the entry, to 99 and 102",
    rows: [(100, 101.9, 99.1, 100), (100, 102, 99.5, 100), quiet],
    change: { $0.rules.tickSize = Price(units: 100_000_000) },
    trades: [long(3, "102", "4.04", "75.96", .takeProfit)]),
  TradeCase(
    name: "below the least confidence of 0.9", rows: [quiet, quiet, last],
    change: { $0.minimumConfidence = 0.9 },
    trades: [], skipped: .init(lowConfidence: 1)),
]

@Suite struct TradeTableTests {
  @Test(arguments: exitCases + costCases + ruleCases) func workedCase(_ item: TradeCase) throws {
    let series = candles(([quiet] + item.rows).map { ($0.0, $0.1, $0.2, $0.3) }, skip: item.skip)
    var configuration = Backtest.Configuration(
      horizon: try Interval("3m"), slippage: .zero, stopSlippage: .zero,
      rules: SymbolRules(
        tickSize: try Price("0.01"), stepSize: try Quantity("0.001"), minNotional: try Money("100")),
      randomRuns: 0, keepsBars: true)
    item.change(&configuration)
    var signals = Backtest.Signals(
      direction: series.openTime.map { _ in .neutral }, confidence: series.openTime.map { _ in 0.8 })
    for (row, direction) in item.signals { signals.direction[row] = direction }
    let funding = FundingSeries(
      time: item.funding.map { start + Int64($0.0 * 1000) }, rate: item.funding.map(\.1))
    let result = try Backtest.run(series, signals: signals, funding: funding, configuration: configuration)

    #expect(result.trades.count == item.trades.count)
    for (trade, expected) in zip(result.trades, item.trades) {
      #expect(trade.direction == expected.direction)
      #expect(trade.reason == expected.reason)
      #expect(trade.entryTime == start + expected.from * minute)
      #expect(trade.exitTime == start + expected.to * minute)
      #expect(trade.entryPrice.description == expected.entry)
      #expect(trade.exitPrice.description == expected.exit)
      #expect(trade.quantity.description == expected.quantity)
      #expect(trade.fees.description == expected.fees)
      #expect(trade.funding.description == expected.funding)
      #expect(trade.profit.description == expected.profit)
      #expect(trade.confidence == 0.8)
    }
    #expect(result.skipped == item.skipped)
    let profit = try item.trades.reduce(0) { $0 + (try Money($1.profit)).units }
    #expect(result.metrics.finalEquity.units == 1_000_000_000_000 + profit)
    #expect(result.bars?.last?.equity == result.metrics.finalEquity)
  }

  @Test func equityIsMarkedAtEveryClose() throws {
    let series = candles(
      ([quiet, quiet, (100, 100.3, 99.9, 100.25), last, quiet]).map { ($0.0, $0.1, $0.2, $0.3) })
    var signals = Backtest.Signals(
      direction: Array(repeating: .neutral, count: 5), confidence: Array(repeating: 1, count: 5))
    signals.direction[0] = .long
    let result = try Backtest.run(
      series, signals: signals,
      configuration: Backtest.Configuration(
        horizon: try Interval("3m"), slippage: .zero, stopSlippage: .zero, randomRuns: 0, keepsBars: true))
    // Entry fee 2, then 0.25 × 40 in the open position, then the closed trade's 7.994.
    #expect(result.bars?.map(\.equity.description) == ["10000", "9998", "10008", "10007.994", "10007.994"])
    #expect(result.metrics.exposure == 0.6)
  }

  @Test func badInputIsRefused() throws {
    let series = candles([(1, 1, 1, 1), (1, 1, 1, 1)])
    let one = Backtest.Signals(direction: [.long], confidence: [1])
    let two = Backtest.Signals(direction: [.long, .long], confidence: [1, .nan])
    let mismatch = #expect(throws: TernError.self) { try Backtest.run(series, signals: one) }
    #expect(mismatch?.kind == .data)
    #expect(try Backtest.run(series, signals: two).skipped.lowConfidence == 1)
    for (change, key) in [
      ({ $0.minimumConfidence = .nan }, "minimum_confidence"), ({ $0.leverage = .zero }, "leverage"),
      ({ $0.stopLoss = .one }, "stop_loss"), ({ $0.rules.tickSize = .zero }, "rules.tick_size"),
      ({ $0.slippage = Rate(units: -1) }, "slippage"), ({ $0.randomRuns = -1 }, "random_runs"),
    ] as [((inout Backtest.Configuration) -> Void, String)] {
      var configuration = Backtest.Configuration()
      change(&configuration)
      let error = #expect(throws: TernError.self) {
        try Backtest.run(series, signals: two, configuration: configuration)
      }
      #expect(error?.kind == .configuration && error?.key == key)
    }
    let funding = FundingSeries(time: [start + 2, start + 1], rate: [0, 0])
    let unsorted = #expect(throws: TernError.self) {
      try Backtest.run(series, signals: two, funding: funding)
    }
    #expect(unsorted?.kind == .data && unsorted?.key == "funding_time \(start + 1)")
    for change in [{ $0.high[1] = .nan }, { $0.low[1] = 2 }, { $0.openTime[1] -= 1 }, { $0.open[0] = -1 }]
      as [(inout CandleSeries) -> Void]
    {
      var broken = series
      change(&broken)
      let error = #expect(throws: TernError.self) { try Backtest.run(broken, signals: two) }
      #expect(error?.kind == .data)
    }
  }
}
