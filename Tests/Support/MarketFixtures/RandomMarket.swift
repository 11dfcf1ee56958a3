import Market

/// 2023-01-01T00:00:00Z, milliseconds.
public let start: Int64 = 1_672_531_200_000
/// A minute, milliseconds.
public let minute: Int64 = 60_000

/// Prices of a candle.
public typealias Row = (open: Double, high: Double, low: Double, close: Double)

/// Candles from rows; `skip` leaves a gap of one candle before each listed row.
public func candles(
  _ rows: [Row], interval: Interval = .minute, from time: Int64 = start, skip: Set<Int> = []
) -> CandleSeries {
  var series = CandleSeries(symbol: "TEST", interval: interval)
  var openTime = time
  for (index, row) in rows.enumerated() {
    if skip.contains(index) { openTime += interval.milliseconds }
    series.append(
      Candle(openTime: openTime, open: row.open, high: row.high, low: row.low, close: row.close, volume: 1))
    openTime += interval.milliseconds
  }
  return series
}

/// A small linear congruential generator, so that test markets do not depend on the code under test.
public struct TestRandom {
  private var state: UInt64

  /// Begins a sequence.
  public init(state: UInt64) { self.state = state }

  /// A number of 0 ..< 1.
  public mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53
  }

  /// A number with mean 0 and variance 1, about normal.
  public mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
}

/// A random walk on a tick of 0.01, with gaps of the price between candles and, by `holes`, missing candles.
public func randomMarket(
  _ count: Int, seed: UInt64, volatility: Double = 0.002, holes: Double = 0, interval: Interval = .minute
) -> CandleSeries {
  var random = TestRandom(state: seed)
  var series = CandleSeries(symbol: "TEST", interval: interval)
  var price = 100.0
  var time = start
  let tick = { (value: Double) in max(0.01, (value * 100).rounded() / 100) }
  for _ in 0..<count {
    if random.uniform() < holes { time += interval.milliseconds * Int64(1 + random.uniform() * 5) }
    let open = tick(price * (1 + (random.uniform() < 0.05 ? 4 : 0.2) * volatility * random.normal()))
    let close = tick(open * (1 + volatility * random.normal()))
    let high = tick(max(open, close) * (1 + volatility * 0.7 * random.uniform()))
    let low = tick(min(open, close) * (1 - volatility * 0.7 * random.uniform()))
    series.append(
      Candle(
        openTime: time, open: open, high: max(high, open, close), low: min(low, open, close), close: close,
        volume: 1))
    price = close
    time += interval.milliseconds
  }
  return series
}
