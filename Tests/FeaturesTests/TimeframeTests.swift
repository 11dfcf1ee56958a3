import Market
import Testing

@testable import Features

@Suite struct TimeframeTests {
  /// Candles of `multiple` base bars on the UTC grid, only where all of them are there.
  static func aggregate(_ candles: CandleSeries, multiple: Int) -> CandleSeries {
    let length = candles.interval.milliseconds * Int64(multiple)
    var result = CandleSeries(symbol: candles.symbol, interval: Interval(milliseconds: length))
    var row = 0
    while row < candles.count {
      let isWhole =
        candles.openTime[row] % length == 0 && row + multiple <= candles.count
        && candles.openTime[row + multiple - 1] == candles.openTime[row] + length
          - candles.interval.milliseconds
      guard isWhole else {
        row += 1
        continue
      }
      let rows = row..<row + multiple
      result.append(
        Candle(
          openTime: candles.openTime[row], open: candles.open[row], high: candles.high[rows].max() ?? .nan,
          low: candles.low[rows].min() ?? .nan, close: candles.close[row + multiple - 1],
          volume: candles.volume[rows].reduce(0, +)))
      row += multiple
    }
    return result
  }

  @Test(arguments: [(1, 5, "5m"), (1, 15, "15m"), (1, 60, "1h"), (5, 3, "15m"), (5, 12, "1h"), (15, 4, "1h")])
  func higherTimeframesEqualFeaturesOfAggregatedCandles(minutes: Int, multiple: Int, suffix: String) throws {
    let interval = Interval(milliseconds: Int64(minutes) * 60_000)
    // Starts seven bars behind midnight; the gaps do not end on the grid.
    let candles = TestMarket.walk(
      rows: 9_000, seed: 21, start: 1_672_531_200_000 + 7 * interval.milliseconds, interval: interval,
      gaps: [4_003, 4_010, 6_500])
    let names = FeatureCatalogue.higherTimeframeNames
    let matrix = try FeatureBuilder.build(
      MarketData(candles: candles),
      schema: FeatureCatalogue.schema(for: interval, selecting: names.map { "\($0)_\(suffix)" }))
    let whole = Self.aggregate(candles, multiple: multiple)
    let higher = try FeatureBuilder.build(
      MarketData(candles: whole), schema: FeatureCatalogue.schema(for: whole.interval, selecting: names))
    var known = 0
    for column in names.indices {
      var held = Float.nan
      var bar = 0
      for row in 0..<matrix.rows {
        if row > 0 && candles.openTime[row] != candles.closeTime(row - 1) { held = .nan }
        // Only the close of a whole higher bar changes the value.
        if bar < whole.count && whole.closeTime(bar) == candles.closeTime(row) {
          held = higher.values[column * higher.rows + bar]
          bar += 1
        }
        let value = matrix.values[column * matrix.rows + row]
        if value.isFinite { known += 1 }
        guard value.bitPattern == held.bitPattern || (value.isNaN && held.isNaN) else {
          Issue.record("\(names[column])_\(suffix) at row \(row): \(value) instead of \(held)")
          return
        }
      }
      #expect(bar == whole.count)
    }
    #expect(known > matrix.rows)
  }

  @Test func timeframesAreThoseAboveTheInterval() throws {
    let suffixes = { (interval: String) throws in
      let names = try FeatureCatalogue.schema(for: Interval(interval)).features
        .filter { $0.family == "timeframe" }.map(\.name)
      return ["_5m", "_15m", "_1h"].filter { suffix in names.contains { $0.hasSuffix(suffix) } }
    }
    #expect(try suffixes("1m") == ["_5m", "_15m", "_1h"])
    #expect(try suffixes("5m") == ["_15m", "_1h"])
    #expect(try suffixes("15m") == ["_1h"])
    #expect(try suffixes("7m") == [])
    #expect(try suffixes("1h") == [])
    #expect(try FeatureCatalogue.schema(for: Interval("1d")).count >= 150)
  }
}
