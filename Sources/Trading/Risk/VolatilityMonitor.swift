/// Realised volatility of every market against its normal one, from closes, in bounded state.
///
/// Both are population standard deviations of log returns: the realised one over the last `short` returns, the normal
/// one over the up to `normal` returns before those, so that a burst is never its own yardstick. Returns are whole
/// multiples of 1e-12 and their sums exact, so that the ratio depends on what lies in the windows and on nothing that
/// has left them. A gap in the data adds no return.
struct VolatilityMonitor: Equatable, Sendable {
  private struct Window: Equatable, Sendable {
    var lastClose = 0.0
    /// Returns held, at most `short + normal`.
    var count = 0
    /// The slot that is written next; in a full ring the oldest return's.
    var next = 0
    var shortSum: Int128 = 0
    var shortSquares: Int128 = 0
    var normalSum: Int128 = 0
    var normalSquares: Int128 = 0
    var ratio: Double?
    var isHigh = false
  }

  private let short: Int
  private let normal: Int
  private let minimum: Int
  private let multiple: Double
  private let release: Double
  private var windows: [Window]
  private var ring: [Int64]
  /// Number of markets whose volatility is far above normal.
  private(set) var highMarkets = 0

  init(limits: RiskLimits, markets: Int) {
    short = limits.volatilityShortBars
    normal = limits.volatilityNormalBars
    minimum = limits.volatilityMinimumBars
    multiple = limits.volatilityMultiple
    release = limits.volatilityRelease
    windows = Array(repeating: Window(), count: markets)
    ring = Array(repeating: 0, count: markets * (short + normal))
  }

  /// Realised over normal volatility; nil before enough returns are known.
  func ratio(market: Int) -> Double? { windows[market].ratio }

  /// The largest ratio of all markets.
  var largestRatio: Double? {
    var largest: Double?
    for index in windows.indices {
      if let ratio = windows[index].ratio, ratio > largest ?? -1 { largest = ratio }
    }
    return largest
  }

  /// Takes a close; one that is no price is passed over.
  mutating func observe(close: Double, market: Int, afterGap: Bool) {
    guard close > 0, close.isFinite else { return }
    let before = windows[market].lastClose
    windows[market].lastClose = close
    guard before > 0, !afterGap else { return }
    let exact = logarithm(of: close, over: before) * 1e12
    // A factor of e^10 within a bar is beyond any market; the bound keeps the sums within 128 bits.
    observe(units: Int64(min(max(exact, -1e13), 1e13).rounded(.toNearestOrEven)), market: market)
  }

  /// Takes a log return in units of 1e-12, within ±1e13.
  mutating func observe(units: Int64, market: Int) {
    let capacity = short + normal
    let base = market * capacity
    let next = windows[market].next
    let count = windows[market].count
    if count == capacity {
      let oldest = Int128(ring[base + next])
      windows[market].normalSum -= oldest
      windows[market].normalSquares -= oldest * oldest
    }
    if count >= short {
      let slot = next >= short ? next - short : next - short + capacity
      let leaving = Int128(ring[base + slot])
      windows[market].shortSum -= leaving
      windows[market].shortSquares -= leaving * leaving
      windows[market].normalSum += leaving
      windows[market].normalSquares += leaving * leaving
    }
    ring[base + next] = units
    windows[market].shortSum += Int128(units)
    windows[market].shortSquares += Int128(units) * Int128(units)
    windows[market].next = next + 1 == capacity ? 0 : next + 1
    windows[market].count = min(count + 1, capacity)
    judge(market)
  }

  private mutating func judge(_ market: Int) {
    let window = windows[market]
    let known = window.count - short
    guard known >= minimum else { return }
    let realised = variance(short, window.shortSum, window.shortSquares)
    let usual = variance(known, window.normalSum, window.normalSquares)
    // Any movement after a standstill is infinitely above normal; a standstill after one is nothing.
    let ratio = realised == 0 ? 0 : (realised / usual).squareRoot()
    windows[market].ratio = ratio
    if !window.isHigh, ratio >= multiple {
      windows[market].isHigh = true
      highMarkets += 1
    } else if window.isHigh, ratio <= release {
      windows[market].isHigh = false
      highMarkets -= 1
    }
  }

  /// Population variance in units of 1e-24; the numerator is exact.
  private func variance(_ count: Int, _ sum: Int128, _ squares: Int128) -> Double {
    Double(Int128(count) * squares - sum * sum) / (Double(count) * Double(count))
  }
}

/// `ln(a / b)` of positive numbers, by `2 artanh((a − b) / (a + b))` and its series.
///
/// Only IEEE additions, multiplications and divisions take part, so that every machine gets the same bits, which a
/// system library's logarithm does not promise.
func logarithm(of a: Double, over b: Double) -> Double {
  let z = (a - b) / (a + b)
  let square = z * z
  var power = z
  var sum = z
  var divisor = 1.0
  for _ in 0..<400 {
    power *= square
    divisor += 2
    let next = sum + power / divisor
    if next == sum { break }
    sum = next
  }
  return 2 * sum
}
