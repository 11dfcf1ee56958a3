import Foundation
import Market
import MarketFixtures
import Testing

@testable import Backtest

/// `Golden/metrics.py` (Python 3.11.7, numpy 2.4.6, pandas 3.1.1) makes the market, trades it in exact fractions by a
/// simulation of its own and computes the figures from the equity curve.
@Suite struct MetricsGoldenTests {
  private struct Golden: Decodable {
    var finalEquity: String
    var trades, peakBar, troughBar, recoveryBar: Int
    var totalReturn, annualizedReturn, annualizedVolatility, sharpe, sortino, calmar, depth,
      longestDays: Double
    var winRate, profitFactor, expectancy, expectancyOfNotional, exposure, turnover: Double
    var meanHoldingMinutes, fees: Double
  }

  @Test func figuresEqualNumpyAndPandas() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let golden = try decoder.decode(
      Golden.self, from: Data(contentsOf: folder.appendingPathComponent("metrics.json")))
    var series = CandleSeries(symbol: "TEST", interval: try Interval("1h"))
    var signals = Backtest.Signals(direction: [], confidence: [])
    let text = try String(contentsOf: folder.appendingPathComponent("candles.csv"), encoding: .utf8)
    for line in text.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",")
      series.append(
        Candle(
          openTime: Int64(fields[0])!, open: Double(fields[1])!, high: Double(fields[2])!,
          low: Double(fields[3])!,
          close: Double(fields[4])!, volume: 1))
      signals.direction.append(Direction(name: String(fields[5]))!)
      signals.confidence.append(1)
    }
    let result = try Backtest.run(
      series, signals: signals,
      configuration: Backtest.Configuration(
        stopLoss: try Rate("0.01"), horizon: try Interval("12h"),
        rules: SymbolRules(tickSize: try Price("0.01")),
        randomRuns: 0))
    let metrics = result.metrics
    // Exact numbers must be equal to the last unit.
    #expect(String(metrics.finalEquity.units) == golden.finalEquity)
    #expect(metrics.trades == golden.trades)
    // Point k of the golden path is the close of candle k − 1, point 0 the start.
    let time = { (point: Int) in series.openTime[0] + Int64(point) * series.interval.milliseconds }
    #expect(metrics.drawdown.peakTime == time(golden.peakBar))
    #expect(metrics.drawdown.troughTime == time(golden.troughBar))
    #expect(metrics.drawdown.recoveryTime == (golden.recoveryBar < 0 ? nil : time(golden.recoveryBar)))
    for (name, ours, theirs) in [
      ("total return", metrics.totalReturn, golden.totalReturn),
      ("annualised return", metrics.annualizedReturn, golden.annualizedReturn),
      ("volatility", metrics.annualizedVolatility, golden.annualizedVolatility),
      ("Sharpe", metrics.sharpe, golden.sharpe), ("Sortino", metrics.sortino, golden.sortino),
      ("Calmar", metrics.calmar, golden.calmar), ("drawdown", metrics.drawdown.depth, golden.depth),
      ("longest drawdown", metrics.drawdown.longestDays, golden.longestDays),
      ("win rate", metrics.winRate, golden.winRate),
      ("profit factor", metrics.profitFactor, golden.profitFactor),
      ("expectancy", metrics.expectancy, golden.expectancy),
      ("expectancy of notional", metrics.expectancyOfNotional, golden.expectancyOfNotional),
      ("exposure", metrics.exposure, golden.exposure), ("turnover", metrics.turnover, golden.turnover),
      ("holding", metrics.meanHoldingMinutes, golden.meanHoldingMinutes),
      ("fees", metrics.fees.doubleValue, golden.fees),
    ] as [(String, Double?, Double)] {
      // Sums of at most 700 terms in another order; annualising multiplies a relative error of 1e-15 by 12.
      #expect(abs(try #require(ours) - theirs) <= 1e-10 * max(1, abs(theirs)), "\(name)")
    }
  }
}
