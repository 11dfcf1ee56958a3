import Diagnostics
import Foundation
import Market
import Testing

@testable import Features

@Suite struct PropertyTests {
  /// Largest |value| of each column, the yardstick of absolute differences.
  static func scales(_ matrix: FeatureMatrix) -> [Double] {
    (0..<matrix.columns).map { column in
      matrix.column(column).reduce(0.0) { $1.isNaN ? $0 : max($0, Double(abs($1))) }
    }
  }

  /// The worst difference of a column between rows of two matrices, in units of the column's scale.
  static func worst(
    _ a: FeatureMatrix, _ b: FeatureMatrix, column: Int, rows: Range<Int>, offset: Int, scale: Double
  ) -> Double {
    var worst = 0.0
    for row in rows {
      let (x, y) = (a.values[column * a.rows + row + offset], b.values[column * b.rows + row])
      if x.isNaN != y.isNaN { return .infinity }
      if !x.isNaN { worst = max(worst, Double(abs(x - y)) / max(scale, 1e-12)) }
    }
    return worst
  }

  @Test func warmUpIsDeclaredExactly() throws {
    // 24 hours and more, once from midnight and once from the worst minute, right behind it.
    for shift: Int64 in [0, 1] {
      let candles = TestMarket.walk(rows: 6_000, seed: 11, start: 1_672_531_200_000 + shift * 60_000)
      let schema = try FeatureCatalogue.schema(for: .minute)
      let matrix = try FeatureBuilder.build(TestMarket.full(candles), schema: schema)
      for (column, feature) in schema.features.enumerated() {
        let values = matrix.column(column)
        let known = values.firstIndex { !$0.isNaN }.map { $0 - values.startIndex } ?? matrix.rows
        let isExact =
          feature.family != "timeframe" && feature.source != .funding && feature.name != "vwap_day_distance"
        if isExact { #expect(known == feature.warmUp, "\(feature.name)") }
        #expect(known <= feature.warmUp, "\(feature.name)")
        if shift == 1 && feature.family == "timeframe" { #expect(known == feature.warmUp, "\(feature.name)") }
        #expect(values.dropFirst(known).allSatisfy { $0.isFinite }, "\(feature.name)")
        #expect(feature.lookback > 0 && feature.lookback > feature.warmUp - 1, "\(feature.name)")
      }
    }
  }

  /// A row computed from the declared lookback equals that of a longer history: what a server may rely on.
  @Test func lookbackIsEnoughHistory() throws {
    let interval = Interval(milliseconds: 300_000)
    let candles = TestMarket.walk(rows: 16_000, seed: 12, interval: interval)
    let schema = try FeatureCatalogue.schema(for: interval)
    #expect(schema.lookback < 8_000)
    let market = TestMarket.full(candles)
    let whole = try FeatureBuilder.build(market, schema: schema)
    let start = 7_001
    var late = market
    late.candles = candles.slice(start..<candles.count)
    let part = try FeatureBuilder.build(late, schema: schema)
    let scales = Self.scales(whole)
    for (column, feature) in schema.features.enumerated() {
      // 1e-6 is the declared weight of older bars; a chain of filters and the ratio of two multiply it.
      let difference = Self.worst(
        whole, part, column: column, rows: (feature.lookback - 1)..<part.rows, offset: start,
        scale: scales[column])
      #expect(difference < 2e-5, "\(feature.name)")
    }
  }

  @Test(arguments: [3.7, 1024, 1e-7])
  func multiplyingAllPricesChangesNothing(factor: Double) throws {
    let candles = TestMarket.walk(rows: 3_000, seed: 13, gaps: [1_500])
    var market = TestMarket.full(candles)
    let schema = try FeatureCatalogue.schema(for: .minute)
    let matrix = try FeatureBuilder.build(market, schema: schema)
    for row in 0..<candles.count {
      market.candles.open[row] *= factor
      market.candles.high[row] *= factor
      market.candles.low[row] *= factor
      market.candles.close[row] *= factor
      market.quotes?.bidPrice[row] *= factor
      market.quotes?.askPrice[row] *= factor
    }
    let scaled = try FeatureBuilder.build(market, schema: schema)
    let scales = Self.scales(matrix)
    for (column, feature) in schema.features.enumerated() {
      // Float32 rounding of values up to the column's scale is 6e-8; logarithms of shifted size add 1e-15 / 1e-3.
      let difference = Self.worst(
        matrix, scaled, column: column, rows: 0..<matrix.rows, offset: 0, scale: scales[column])
      #expect(difference < 1e-6, "\(feature.name)")
    }
  }

  /// Markets in which formulas tend to divide by nothing.
  static let degenerate: [(name: String, change: @Sendable (Int, inout Candle) -> Void)] = [
    (
      "constant",
      { _, c in
        (c.open, c.high, c.low, c.close, c.volume, c.tradeCount, c.takerBuyVolume) = (
          7.3, 7.3, 7.3, 7.3, 0, 0, 0
        )
      }
    ),
    ("no volume", { _, c in (c.volume, c.tradeCount, c.takerBuyVolume) = (0, 0, 0) }),
    (
      "constant after a while",
      { row, c in
        if row > 1_000 {
          (c.open, c.high, c.low, c.close, c.volume, c.tradeCount, c.takerBuyVolume) = (
            99, 99, 99, 99, 0, 0, 0
          )
        }
      }
    ),
    (
      "steady growth",
      { row, c in
        let price = exp(1e-5 * Double(row))
        (c.open, c.high, c.low, c.close) = (price, price, price, price)
      }
    ),
    (
      "jumps",
      { row, c in
        let factor = (row / 97) % 2 == 0 ? 1 : 1e6
        (c.open, c.high, c.low, c.close) = (
          c.open * factor, c.high * factor, c.low * factor, c.close * factor
        )
        c.volume *= (row / 61) % 2 == 0 ? 1 : 1e12
      }
    ),
    (
      "tiny",
      { _, c in
        (c.open, c.high, c.low, c.close) = (c.open * 1e-10, c.high * 1e-10, c.low * 1e-10, c.close * 1e-10)
      }
    ),
    (
      "huge",
      { _, c in
        (c.open, c.high, c.low, c.close) = (c.open * 1e12, c.high * 1e12, c.low * 1e12, c.close * 1e12)
        c.volume *= 1e20
      }
    ),
    (
      "two ticks",
      { row, c in
        let price = row % 2 == 0 ? 1e-8 : 2e-8
        (c.open, c.high, c.low, c.close) = (price, price, price, price)
      }
    ),
  ]

  @Test(arguments: 0..<8)
  func degenerateMarketsGiveFiniteRows(index: Int) throws {
    let (name, change) = Self.degenerate[index]
    let walk = TestMarket.walk(rows: 6_000, seed: 14)
    var candles = CandleSeries(symbol: "TEST", interval: .minute)
    for row in 0..<walk.count {
      var candle = walk[row]
      change(row, &candle)
      candles.append(candle)
    }
    let schema = try FeatureCatalogue.schema(for: .minute)
    let matrix = try FeatureBuilder.build(TestMarket.full(candles), schema: schema)
    for (column, feature) in schema.features.enumerated() {
      let values = matrix.column(column)
      #expect(values.allSatisfy { !$0.isInfinite }, "\(feature.name) in \(name)")
      #expect(values.dropFirst(feature.warmUp).allSatisfy { $0.isFinite }, "\(feature.name) in \(name)")
      let bound: Float? =
        switch feature.unit {
        case "correlation": 1
        case "percent"
        where ["rsi", "adx", "stoch", "mfi_", "cmo_", "dx_", "aroon"].contains { feature.name.hasPrefix($0) }:
          100
        default: nil
        }
      // Rounding may carry a bounded value past its bound by one unit of Float32.
      if let bound {
        #expect(values.allSatisfy { $0.isNaN || abs($0) <= bound * 1.000_001 }, "\(feature.name) in \(name)")
      }
    }
  }

  @Test func aMotionlessMarketGivesTheDocumentedValues() throws {
    var candles = CandleSeries(symbol: "TEST", interval: .minute)
    for row in 0..<4_000 {
      candles.append(
        Candle(
          openTime: 1_672_531_200_000 + 60_000 * Int64(row), open: 7.3, high: 7.3, low: 7.3, close: 7.3,
          volume: 0,
          tradeCount: 0, takerBuyVolume: 0))
    }
    let schema = try FeatureCatalogue.schema(for: .minute)
    let matrix = try FeatureBuilder.build(MarketData(candles: candles), schema: schema)
    // By the start of the name; everything else is zero.
    let expected: [(prefix: String, value: Double)] = [
      ("rsi_", 50), ("stoch", 50), ("willr_", -50), ("mfi_", 50), ("ultosc_", 50), ("choppiness_", 50),
      ("bollinger_b_", 0.5), ("donchian_position_", 0.5), ("close_location", 0.5), ("hurst_", 0.5),
      ("variance_ratio_", 1), ("atr_ratio_", 1), ("volatility_ratio_", 1),
      ("downside_share_", 0.5.squareRoot()),
      ("close_rank_", 0.5), ("volatility_rank_", 0.5), ("aroon_up_", 100), ("aroon_down_", 100),
    ]
    for (column, feature) in schema.features.enumerated() {
      guard feature.source == .candles || feature.source == .tradeCount || feature.source == .takerBuyVolume,
        feature.family != "calendar"
      else { continue }
      let value = Double(matrix.column(column).last ?? .nan)
      let neutral = expected.first { feature.name.hasPrefix($0.prefix) }?.value ?? 0
      // Moving averages of a constant are off by a few units of Float64.
      #expect(abs(value - neutral) < 1e-7, "\(feature.name) \(value)")
    }
  }

  /// After one absurd bar has left the window, features of finite windows are what they would have been.
  @Test func anAbsurdBarLeavesNoTrace() throws {
    let schema = try FeatureCatalogue.schema(for: .minute)
    let recursive = [
      "EMA", "Wilder", "RSI", "ADX", "ATR", "DI", "KAMA", "T3", "MACD", "PPO", "parabolic", "Keltner",
      "stochrsi",
    ]
    let finite = schema.features.filter { feature in
      feature.family != "timeframe" && !recursive.contains { feature.formula.contains($0) }
    }
    #expect(finite.count > 120)
    let chosen = try FeatureCatalogue.schema(for: .minute, selecting: finite.map(\.name))
    let candles = TestMarket.walk(rows: 4_500, seed: 15)
    var disturbed = candles
    disturbed.high[700] *= 1e7
    disturbed.close[700] *= 1e6
    disturbed.volume[700] = 1e18
    let plain = try FeatureBuilder.build(TestMarket.full(candles), schema: chosen)
    let after = try FeatureBuilder.build(TestMarket.full(disturbed), schema: chosen)
    let scales = Self.scales(plain)
    for (column, feature) in chosen.features.enumerated()
    where feature.source != .quotes && feature.source != .funding {
      let start = 700 + feature.lookback + (feature.name == "vwap_day_distance" ? 1_440 : 0)
      let difference = Self.worst(
        plain, after, column: column, rows: start..<plain.rows, offset: 0, scale: scales[column])
      // Equal up to rounding: the sums of a window hold nothing of what left it.
      #expect(difference < 1e-6, "\(feature.name)")
    }
  }

  @Test func missingSourcesGiveUnknownColumns() throws {
    var candles = TestMarket.walk(rows: 2_000, seed: 16)
    candles.tradeCount = candles.tradeCount.map { _ in .nan }
    candles.takerBuyVolume = candles.takerBuyVolume.map { _ in .nan }
    candles.volume[1_500] = 0
    let schema = try FeatureCatalogue.schema(for: .minute)
    let matrix = try FeatureBuilder.build(MarketData(candles: candles), schema: schema)
    for (column, feature) in schema.features.enumerated() where feature.source != .candles {
      #expect(matrix.column(column).allSatisfy { $0.isNaN }, "\(feature.name)")
    }
  }
}
