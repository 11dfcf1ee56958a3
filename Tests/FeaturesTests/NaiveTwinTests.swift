import Foundation
import Market
import Testing

@testable import Features

/// Features that TA-Lib does not have, against their definitions written out over plain arrays.
@Suite struct NaiveTwinTests {
  static let candles = TestMarket.walk(rows: 2_600, seed: 40)
  private var c: [Double] { Self.candles.close }

  private static func mean(_ x: [Double]) -> Double { x.reduce(0, +) / Double(x.count) }
  private static func variance(_ x: [Double], sample: Bool = false) -> Double {
    let m = mean(x)
    return x.reduce(0) { $0 + ($1 - m) * ($1 - m) } / Double(x.count - (sample ? 1 : 0))
  }
  private static func moment(_ x: [Double], _ power: Double) -> Double {
    let (m, s) = (mean(x), variance(x).squareRoot())
    return mean(x.map { pow(($0 - m) / s, power) })
  }
  private static func correlation(_ x: [Double], _ y: [Double]) -> Double {
    let (a, b) = (mean(x), mean(y))
    let co = zip(x, y).reduce(0) { $0 + ($1.0 - a) * ($1.1 - b) } / Double(x.count)
    return co / (variance(x) * variance(y)).squareRoot()
  }
  private static func entropy(_ symbols: [Int], of count: Int) -> Double {
    let shares = (0..<count).map { s in Double(symbols.filter { $0 == s }.count) / Double(symbols.count) }
    return -shares.reduce(0) { $1 == 0 ? $0 : $0 + $1 * log($1) } / log(Double(count))
  }
  private static func score(_ x: [Double]) -> Double { ((x.last ?? 0) - mean(x)) / variance(x).squareRoot() }
  private static func rank(_ x: [Double]) -> Double {
    let last = x[x.count - 1]
    let share = x.dropLast().reduce(0.0) { $0 + ($1 < last ? 1 : ($1 == last ? 0.5 : 0)) }
    return share / Double(x.count - 1)
  }
  private static func seeded(_ x: [Double], _ length: Int) -> [Double] {
    // NaN until defined; x may itself start with NaN.
    var out = [Double](repeating: .nan, count: x.count)
    guard let first = x.firstIndex(where: { !$0.isNaN }) else { return out }
    var value = mean(Array(x[first..<first + length]))
    out[first + length - 1] = value
    for i in (first + length)..<x.count {
      value += (x[i] - value) * 2 / Double(length + 1)
      out[i] = value
    }
    return out
  }

  @Test func equalTheirDefinitions() throws {
    let s = Self.candles
    let (o, h, l, c, v) = (s.open, s.high, s.low, s.close, s.volume)
    let n = s.count
    let r = [Double.nan] + (1..<n).map { log(c[$0] / c[$0 - 1]) }
    let typical = (0..<n).map { (h[$0] + l[$0] + c[$0]) / 3 }
    var tr = [Double.nan]
    for t in 1..<n { tr.append(max(h[t] - l[t], abs(h[t] - c[t - 1]), abs(l[t] - c[t - 1]))) }
    let vol = { (t: Int, k: Int) in Self.variance(Array(r[(t - k + 1)...t])).squareRoot() }
    let vol20 = (0..<n).map { $0 < 20 ? .nan : vol($0, 20) }
    let taker = (0..<n).map { 2 * s.takerBuyVolume[$0] / v[$0] - 1 }
    let size = (0..<n).map { v[$0] / s.tradeCount[$0] }
    let illiquid = (0..<n).map { abs(r[$0]) / (c[$0] * v[$0]) }
    var rs: [Double] = []
    for t in 0..<n {
      let (above, below) = (log(h[t] / c[t]) * log(h[t] / o[t]), log(l[t] / c[t]) * log(l[t] / o[t]))
      rs.append(above + below)
    }
    let move = [Double.nan] + (1..<n).map { c[$0] - c[$0 - 1] }
    let strength = Self.seeded(Self.seeded(move, 25), 13)
    let size2 = Self.seeded(Self.seeded(move.map(abs), 25), 13)
    let pattern = (0..<n).map { t -> Int in
      if t < 2 { return 0 }
      let order = [0, 1, 2].sorted { (c[t - 2 + $0], $0) < (c[t - 2 + $1], $1) }
      return [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].firstIndex(of: order) ?? 0
    }
    let bin = (0..<n).map { t in t < 60 ? 0 : Int(floor(min(max(r[t] / vol(t, 60) * 2, -4), 3.999_999))) + 4 }
    func last<T>(_ x: [T], _ t: Int, _ k: Int) -> [T] { Array(x[(t - k + 1)...t]) }
    func square(_ t: Int, _ step: Int, _ k: Int) -> Double {
      Self.mean(((t - k + 1)...t).map { pow(log(c[$0] / c[$0 - step]), 2) })
    }
    func middle(_ t: Int, _ k: Int) -> Double { (last(h, t, k).max()! + last(l, t, k).min()!) / 2 }
    func yangZhang(_ t: Int, _ k: Int) -> Double {
      let overnight = ((t - k + 1)...t).map { log(o[$0] / c[$0 - 1]) }
      let session = ((t - k + 1)...t).map { log(c[$0] / o[$0]) }
      let weight = 0.34 / (1.34 + Double(k + 1) / Double(k - 1))
      let variance =
        Self.variance(overnight, sample: true) + weight * Self.variance(session, sample: true)
        + (1 - weight) * Self.mean(last(rs, t, k))
      return variance.squareRoot()
    }
    func spans(_ t: Int) -> (Double, Double) { ((middle(t, 9) + middle(t, 26)) / 2, middle(t, 52)) }
    func vwap(_ t: Int, from start: Int) -> Double {
      (start...t).reduce(0) { $0 + typical[$1] * v[$1] } / (start...t).reduce(0) { $0 + v[$1] }
    }

    var twins: [(String, (Int) -> Double)] = []
    func twin(_ name: String, _ definition: @escaping (Int) -> Double) { twins.append((name, definition)) }
    twin("log_return_240") { log(c[$0] / c[$0 - 240]) }
    twin("return_z_60") { Self.score(last(r, $0, 60)) }
    twin("return_acceleration_5") { log(c[$0] / c[$0 - 5]) - log(c[$0 - 5] / c[$0 - 10]) }
    twin("up_fraction_20") { t in Double(last(move, t, 20).filter { $0 > 0 }.count) / 20 }
    twin("vwma_20_distance") { t in
      var turnover = 0.0
      for i in (t - 19)...t { turnover += c[i] * v[i] }
      return c[t] * last(v, t, 20).reduce(0, +) / turnover - 1
    }
    twin("tsi_25_13") { 100 * strength[$0] / size2[$0] }
    twin("awesome_5_34") { t in
      let m = (0..<n).map { (h[$0] + l[$0]) / 2 }
      return (Self.mean(last(m, t, 5)) - Self.mean(last(m, t, 34))) / c[t]
    }
    twin("ichimoku_cloud_distance") { t in
      let (a, b) = spans(t - 26)
      return c[t] / ((a + b) / 2) - 1
    }
    twin("ichimoku_cloud_thickness") { t in
      let (a, b) = spans(t - 26)
      return (a - b) / c[t]
    }
    twin("ichimoku_span_difference") { t in
      let (a, b) = spans(t)
      return (a - b) / c[t]
    }
    twin("vortex_14") { t in
      var (up, down) = (0.0, 0.0)
      for i in (t - 13)...t {
        up += abs(h[i] - l[i - 1])
        down += abs(l[i] - h[i - 1])
      }
      return (up - down) / last(tr, t, 14).reduce(0, +)
    }
    twin("choppiness_14") { t in
      let (path, top, bottom) = (last(tr, t, 14).reduce(0, +), last(h, t, 14).max()!, last(l, t, 14).min()!)
      return 100 * log10(path / (top - bottom)) / log10(14)
    }
    twin("efficiency_ratio_30") { abs(c[$0] - c[$0 - 30]) / last(move, $0, 30).reduce(0) { $0 + abs($1) } }
    twin("bars_since_high_60") { t in
      let w = last(h, t, 60)
      return Double(59 - w.lastIndex(of: w.max()!)!) / 59
    }
    twin("close_rank_60") { Self.rank(last(c, $0, 60)) }
    twin("drawdown_1440") { c[$0] / last(c, $0, 1_440).max()! - 1 }
    twin("realised_volatility_60") { vol($0, 60) }
    twin("realised_volatility_1440") { vol($0, 1_440) }
    twin("parkinson_20") { t in
      let squares = ((t - 19)...t).map { pow(log(h[$0] / l[$0]), 2) }
      return (Self.mean(squares) / (4 * log(2))).squareRoot()
    }
    twin("garman_klass_60") { t in
      var terms: [Double] = []
      for i in (t - 59)...t {
        let (range, body) = (log(h[i] / l[i]), log(c[i] / o[i]))
        terms.append(0.5 * range * range - (2 * log(2) - 1) * body * body)
      }
      return Self.mean(terms).squareRoot()
    }
    twin("rogers_satchell_20") { Self.mean(last(rs, $0, 20)).squareRoot() }
    twin("yang_zhang_20") { yangZhang($0, 20) }
    twin("yang_zhang_60") { yangZhang($0, 60) }
    twin("volatility_ratio_60_240") { vol($0, 60) / vol($0, 240) }
    twin("volatility_rank_240") { Self.rank(last(vol20, $0, 240)) }
    twin("volatility_z_240") { Self.score(last(vol20, $0, 240)) }
    twin("downside_share_60") { t in
      let w = last(r, t, 60)
      let squares = w.map { $0 * $0 }
      let falls = w.filter { $0 < 0 }.map { $0 * $0 }
      return (falls.reduce(0, +) / squares.reduce(0, +)).squareRoot()
    }
    twin("range_ratio_20") { t in (h[t] - l[t]) / Self.mean(((t - 19)...t).map { h[$0] - l[$0] }) }
    twin("skewness_60") { Self.moment(last(r, $0, 60), 3) }
    twin("excess_kurtosis_60") { Self.moment(last(r, $0, 60), 4) - 3 }
    twin("autocorrelation_1_60") { Self.correlation(last(r, $0, 60), last(r, $0 - 1, 60)) }
    twin("autocorrelation_5_120") { Self.correlation(last(r, $0, 120), last(r, $0 - 5, 120)) }
    twin("volatility_clustering_120") {
      Self.correlation(last(r, $0, 120).map(abs), last(r, $0 - 1, 120).map(abs))
    }
    twin("variance_ratio_4_120") { square($0, 4, 120) / (4 * square($0, 1, 120)) }
    twin("variance_ratio_16_240") { square($0, 16, 240) / (16 * square($0, 1, 240)) }
    twin("hurst_240") { t in
      let x = [1, 2, 4, 8, 16].map { log(Double($0)) }
      let y = [1, 2, 4, 8, 16].map { log(square(t, $0, 240).squareRoot()) }
      let (a, b) = (Self.mean(x), Self.mean(y))
      var (co, squares) = (0.0, 0.0)
      for i in 0..<5 {
        co += (x[i] - a) * (y[i] - b)
        squares += (x[i] - a) * (x[i] - a)
      }
      let slope = co / squares
      return min(max(slope, 0), 1)
    }
    twin("permutation_entropy_3_60") { Self.entropy(last(pattern, $0, 60), of: 6) }
    twin("permutation_entropy_3_240") { Self.entropy(last(pattern, $0, 240), of: 6) }
    twin("sign_entropy_60") { Self.entropy(last(move, $0, 60).map { $0 < 0 ? 0 : ($0 == 0 ? 1 : 2) }, of: 3) }
    twin("return_entropy_120") { Self.entropy(last(bin, $0, 120), of: 8) }
    twin("volume_z_60") { Self.score(last(v, $0, 60)) }
    twin("volume_ratio_60_1440") { Self.mean(last(v, $0, 60)) / Self.mean(last(v, $0, 1_440)) }
    twin("obv_change_60") { t in
      var signed = 0.0
      for i in (t - 59)...t { signed += c[i] > c[i - 1] ? v[i] : (c[i] < c[i - 1] ? -v[i] : 0) }
      return signed / last(v, t, 60).reduce(0, +)
    }
    twin("cmf_20") { t in
      var flow = 0.0
      for i in (t - 19)...t { flow += (2 * c[i] - l[i] - h[i]) / (h[i] - l[i]) * v[i] }
      return flow / last(v, t, 20).reduce(0, +)
    }
    twin("vwap_distance_240") { c[$0] / vwap($0, from: $0 - 239) - 1 }
    twin("vwap_day_distance") { c[$0] / vwap($0, from: $0 / 1_440 * 1_440) - 1 }
    twin("amihud_ratio_20_240") { Self.mean(last(illiquid, $0, 20)) / Self.mean(last(illiquid, $0, 240)) }
    twin("return_volume_correlation_60") { Self.correlation(last(r, $0, 60).map(abs), last(v, $0, 60)) }
    twin("trade_count_z_60") { Self.score(last(s.tradeCount, $0, 60)) }
    twin("trade_size_z_60") { Self.score(last(size, $0, 60)) }
    twin("trade_size_ratio_5_60") { Self.mean(last(size, $0, 5)) / Self.mean(last(size, $0, 60)) }
    twin("taker_imbalance_1") { taker[$0] }
    twin("taker_imbalance_15") { t in
      2 * last(s.takerBuyVolume, t, 15).reduce(0, +) / last(v, t, 15).reduce(0, +) - 1
    }
    twin("taker_imbalance_z_60") { Self.score(last(taker, $0, 60)) }
    twin("upper_wick") { (h[$0] - max(o[$0], c[$0])) / (h[$0] - l[$0]) }
    twin("lower_wick") { (min(o[$0], c[$0]) - l[$0]) / (h[$0] - l[$0]) }
    twin("close_location") { (c[$0] - l[$0]) / (h[$0] - l[$0]) }
    twin("gap_relative") { o[$0] / c[$0 - 1] - 1 }
    twin("time_of_day_sin") { sin(2 * .pi * Double(($0 + 1) % 1_440) / 1_440) }
    // The walk starts on Sunday 2023-01-01.
    twin("time_of_week_cos") { cos(2 * .pi * Double((6 * 1_440 + $0 + 1) % 10_080) / 10_080) }
    let matrix = try FeatureBuilder.build(
      MarketData(candles: s), schema: FeatureCatalogue.schema(for: .minute, selecting: twins.map(\.0)))
    for (name, twin) in twins {
      for t in stride(from: 1_500, to: n, by: 37) {
        let (found, expected) = (matrix.value(name, t), twin(t))
        // Float32 holds 6e-8; the naive forms of near-zero values cancel to about 1e-13 / 1e-3.
        #expect(abs(found - expected) <= 2e-7 * abs(expected) + 1e-9, "\(name) at row \(t)")
      }
    }
  }

  @Test func fundingFollowsTheSettlements() throws {
    let candles = TestMarket.walk(rows: 2_000, seed: 41)
    let market = TestMarket.full(candles)
    let names = ["funding_rate", "funding_change", "funding_mean_9", "funding_z_30", "time_to_funding"]
    let matrix = try FeatureBuilder.build(
      market, schema: FeatureCatalogue.schema(for: .minute, selecting: names))
    let funding = try #require(market.funding)
    for row in stride(from: 0, to: matrix.rows, by: 1) {
      let close = candles.closeTime(row)
      let known = funding.time.lastIndex { $0 <= close } ?? 0
      let rates = Array(funding.rate[(known - 29)...known])
      let expected = [
        rates[29], rates[29] - rates[28], Self.mean(Array(rates.suffix(9))), Self.score(rates),
        Double(funding.time[known] + 8 * 3_600_000 - close) / Double(8 * 3_600_000),
      ]
      for (name, value) in zip(names, expected) {
        #expect(abs(matrix.value(name, row) - value) <= 2e-7 * abs(value) + 1e-10, "\(name) at row \(row)")
      }
    }
    // A settlement counts from the very close at which it happens, and goes stale after a day.
    var single = market
    single.funding = FundingSeries(time: [candles.closeTime(100)], rate: [0.01])
    let one = try FeatureBuilder.build(single, schema: matrix.schema)
    #expect(one.value("funding_rate", 99).isNaN)
    #expect(one.value("funding_rate", 100) == Double(Float(0.01)))
    #expect(one.value("funding_rate", 100 + 1_440) == Double(Float(0.01)))
    #expect(one.value("funding_rate", 101 + 1_440).isNaN)
    #expect(one.value("time_to_funding", 100 + 120) == 0.75)
  }

  @Test func bookFollowsTheLatestFreshQuote() throws {
    let candles = TestMarket.walk(rows: 200, seed: 42)
    var market = TestMarket.full(candles)
    let names = [
      "spread_relative", "book_imbalance", "microprice_distance", "close_mid_distance", "spread_ratio_60",
      "book_imbalance_mean_15",
    ]
    let schema = try FeatureCatalogue.schema(for: .minute, selecting: names)
    let matrix = try FeatureBuilder.build(market, schema: schema)
    let q = try #require(market.quotes)
    for row in 60..<200 {
      let mid = (q.bidPrice[row] + q.askPrice[row]) / 2
      let size = q.bidQuantity[row] + q.askQuantity[row]
      let micro = (q.bidPrice[row] * q.askQuantity[row] + q.askPrice[row] * q.bidQuantity[row]) / size
      let spreads: [Double] = ((row - 59)...row).map { i -> Double in
        let (ask, bid) = (q.askPrice[i], q.bidPrice[i])
        return 2 * (ask - bid) / (ask + bid)
      }
      let imbalances: [Double] = ((row - 14)...row).map { i -> Double in
        let (bid, ask) = (q.bidQuantity[i], q.askQuantity[i])
        return (bid - ask) / (bid + ask)
      }
      let expected = [
        spreads[59], imbalances[14], micro / mid - 1, candles.close[row] / mid - 1,
        spreads[59] / Self.mean(spreads),
        Self.mean(imbalances),
      ]
      for (name, value) in zip(names, expected) {
        #expect(abs(matrix.value(name, row) - value) <= 2e-7 * abs(value) + 1e-9, "\(name) at row \(row)")
      }
    }
    // Without a quote of its own, a bar still knows one from its open; later bars do not.
    market.quotes?.time[100] = candles.closeTime(100) + 1
    market.quotes?.askPrice[50] = 1e-3
    let late = try FeatureBuilder.build(market, schema: schema)
    #expect(late.value("spread_relative", 100).isNaN)
    #expect(late.value("spread_relative", 101) == matrix.value("spread_relative", 101))
    #expect(late.value("spread_relative", 50).isNaN)
  }
}
