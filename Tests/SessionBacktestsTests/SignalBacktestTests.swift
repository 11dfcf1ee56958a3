import Backtest
import Diagnostics
import Files
import Foundation
import Market
import Risk
import Testing

@testable import SessionBacktests

@Suite struct SignalBacktestTests {
  /// A market that falls by a fraction of 0.001 with every candle.
  private func falling(_ count: Int) -> MarketData {
    var candles = CandleSeries(symbol: "TEST", interval: .minute)
    var price = 20_000.0
    for bar in 0..<count {
      let close = ((price * 0.999) * 10).rounded() / 10
      candles.append(
        Candle(
          openTime: 1_700_006_400_000 + Int64(bar) * 60_000, open: price, high: price, low: close,
          close: close,
          volume: 1_000))
      price = close
    }
    return MarketData(candles: candles)
  }

  private func longs(_ count: Int, confidence: Double = 0.9) -> Backtest.Signals {
    Backtest.Signals(
      direction: Array(repeating: .long, count: count), confidence: Array(repeating: confidence, count: count)
    )
  }

  /// Always long in a falling market: after eight stops in a row the day is over, and the result says so.
  @Test func theLimitsOfRiskApplyAndAreCounted() throws {
    let result = try SessionBacktest(
      falling(200), digest: Digest(of: []), signals: longs(200), configuration: SignalConfiguration()
    ).run()
    #expect(result.trades.count == 8)
    #expect(result.trades.allSatisfy { $0.reason == .stop && $0.confidence == 0.9 })
    #expect(result.lanes[0].state == "HALTED")
    #expect((result.refused["OPENING_WHILE_HALTED"] ?? 0) > 100)
    let sum =
      result.trades.count + result.skipped.inPosition + result.skipped.gap
      + result.refused.values.reduce(0, +)
    #expect(result.signals == 200)
    #expect(sum == 200)
    // The account is the sum of its trades.
    let profit = try result.trades.reduce(Money.zero) { try $0 + $1.profit }
    #expect(result.metrics.finalEquity == (try Money(units: 1_000_000_000_000) + profit))
    #expect(result.baselines?.randomEntry?.runs == 200)
  }

  /// What is still held is worth what its last close says, and is no trade.
  @Test func anOpenPositionIsListedApart() throws {
    var signals = longs(30)
    signals.direction = signals.direction.indices.map { $0 == 27 ? .short : .neutral }
    let result = try SessionBacktest(
      falling(30), digest: Digest(of: []), signals: signals, configuration: SignalConfiguration()
    ).run()
    #expect(result.trades.isEmpty)
    let open = try #require(result.openPositions.first)
    #expect(open.direction == .short)
    #expect(open.grossProfit > .zero)
    let worth = try Money(units: 1_000_000_000_000) + open.grossProfit - open.fees - open.funding
    #expect(result.metrics.finalEquity == worth)
    #expect(result.metrics.fees == open.fees)
    #expect(result.metrics.exposure == 2.0 / 30)
    #expect(result.baselines?.randomEntry == nil)
  }

  @Test func tradingBeginsAndEndsWhereItIsTold() throws {
    let data = falling(200)
    let from = data.candles.openTime[50]
    let result = try SessionBacktest(
      data, digest: Digest(of: []), signals: longs(200, confidence: 0.7),
      configuration: SignalConfiguration(),
      from: from, to: data.candles.openTime[60]
    ).run()
    #expect(result.candles == 59)
    #expect(result.metrics.days == 9.0 / 1440)
    #expect(result.trades.allSatisfy { $0.entryTime >= from })
    #expect(!result.trades.isEmpty)
  }

  @Test func settingsShareOneSection() throws {
    let written = SignalConfiguration(confidenceScaling: true)
    let read = try JSONDecoder().decode(SignalConfiguration.self, from: JSONEncoder().encode(written))
    #expect(read == written)
    func decode(_ text: String) throws -> SignalConfiguration {
      try JSONDecoder().decode(SignalConfiguration.self, from: Data(text.utf8))
    }
    let some = try decode(
      #"{"leverage": 3, "risk": {"maximum_daily_trades": 4}, "while_in_position": "reverse"}"#)
    #expect(some.trading.leverage == Rate(units: 300_000_000))
    #expect(some.risk.maximumDailyTrades == 4)
    #expect(throws: TernError.self) { try decode(#"{"leverge": 3}"#) }
    #expect(throws: TernError.self) { try decode(#"{"risk": {"maximum": 4}}"#) }
  }
}
