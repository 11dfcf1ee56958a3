import Foundation
import Market
import Testing

@testable import Backtest

/// `Golden/metrics.py` (Python 3.11.7, numpy 2.4.6, pandas 3.1.1) makes the market, trades it in exact fractions by a
/// simulation of its own and computes the figures from the equity curve.
@Suite struct MetricsGoldenTests {
  private struct Golden: Decodable {
    var final_equity: String
    var trades, peak_bar, trough_bar, recovery_bar: Int
    var total_return, annualized_return, annualized_volatility, sharpe, sortino, calmar, depth,
      longest_days: Double
    var win_rate, profit_factor, expectancy, expectancy_of_notional, exposure, turnover: Double
    var mean_holding_minutes, fees: Double
  }

  @Test func figuresEqualNumpyAndPandas() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    let golden = try JSONDecoder().decode(
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
    #expect(String(metrics.finalEquity.units) == golden.final_equity)
    #expect(metrics.trades == golden.trades)
    // Point k of the golden path is the close of candle k − 1, point 0 the start.
    let time = { (point: Int) in series.openTime[0] + Int64(point) * series.interval.milliseconds }
    #expect(metrics.drawdown.peakTime == time(golden.peak_bar))
    #expect(metrics.drawdown.troughTime == time(golden.trough_bar))
    #expect(metrics.drawdown.recoveryTime == (golden.recovery_bar < 0 ? nil : time(golden.recovery_bar)))
    for (name, ours, theirs) in [
      ("total return", metrics.totalReturn, golden.total_return),
      ("annualised return", metrics.annualizedReturn, golden.annualized_return),
      ("volatility", metrics.annualizedVolatility, golden.annualized_volatility),
      ("Sharpe", metrics.sharpe, golden.sharpe), ("Sortino", metrics.sortino, golden.sortino),
      ("Calmar", metrics.calmar, golden.calmar), ("drawdown", metrics.drawdown.depth, golden.depth),
      ("longest drawdown", metrics.drawdown.longestDays, golden.longest_days),
      ("win rate", metrics.winRate, golden.win_rate),
      ("profit factor", metrics.profitFactor, golden.profit_factor),
      ("expectancy", metrics.expectancy, golden.expectancy),
      ("expectancy of notional", metrics.expectancyOfNotional, golden.expectancy_of_notional),
      ("exposure", metrics.exposure, golden.exposure), ("turnover", metrics.turnover, golden.turnover),
      ("holding", metrics.meanHoldingMinutes, golden.mean_holding_minutes),
      ("fees", metrics.fees.doubleValue, golden.fees),
    ] as [(String, Double?, Double)] {
      // Sums of at most 700 terms in another order; annualising multiplies a relative error of 1e-15 by 12.
      #expect(abs(try #require(ours) - theirs) <= 1e-10 * max(1, abs(theirs)), "\(name)")
    }
  }
}
