import Market

/// How a trade ended.
struct BarrierExit {
  enum Kind { case takeProfit, stop, time }
  var kind: Kind
  /// The candle in which it ended.
  var bar: Int
  /// Price change in favour of the trade, a fraction of the entry price.
  var gross: Double
  /// Whether the order of two touches could not be told.
  var ambiguous = false
}

/// Distances of the barriers from the entry, fractions of its price.
struct BarrierWidth {
  var upper: Double
  var lower: Double
}

/// Finds where a trade ends. Blocks of sixteen candles keep their extremes, so that quiet stretches are skipped.
struct BarrierScanner {
  private static let shift = 4
  /// Binary rounding of `price × (1 ± width)`; far below the smallest tick any market has relative to its price.
  private static let tolerance = 1e-12

  private let candles: CandleSeries
  private let finer: CandleSeries?
  private let blockHigh: [Double]
  private let blockLow: [Double]

  init(_ candles: CandleSeries, finer: CandleSeries? = nil) {
    self.candles = candles
    self.finer = finer
    let size = 1 << BarrierScanner.shift
    var highs: [Double] = []
    var lows: [Double] = []
    for start in stride(from: 0, to: candles.count, by: size) {
      let end = min(start + size, candles.count)
      highs.append(candles.high[start..<end].reduce(-.infinity, max))
      lows.append(candles.low[start..<end].reduce(.infinity, min))
    }
    blockHigh = highs
    blockLow = lows
  }

  /// The exit of a trade entered at the open of `entryBar` and ended at the close of `last` at the latest.
  func exit(long: Bool, entryBar: Int, last: Int, width: BarrierWidth) -> BarrierExit {
    let entry = candles.open[entryBar]
    let barriers = Barriers(long: long, entry: entry, width: width, tolerance: BarrierScanner.tolerance)
    let stopBar =
      long
      ? firstLow(atMost: barriers.stop, from: entryBar, through: last)
      : firstHigh(atLeast: barriers.stop, from: entryBar, through: last)
    let end = min(stopBar, last)
    let profitBar =
      long
      ? firstHigh(atLeast: barriers.profit, from: entryBar, through: end)
      : firstLow(atMost: barriers.profit, from: entryBar, through: end)
    if profitBar < stopBar { return BarrierExit(kind: .takeProfit, bar: profitBar, gross: width.upper) }
    guard stopBar <= last else {
      return BarrierExit(kind: .time, bar: last, gross: barriers.gain(at: candles.close[last]))
    }
    let open = candles.open[stopBar]
    if barriers.stopped(at: open) {
      return BarrierExit(kind: .stop, bar: stopBar, gross: min(-width.lower, barriers.gain(at: open)))
    }
    guard profitBar == stopBar else {
      return BarrierExit(kind: .stop, bar: stopBar, gross: -width.lower)
    }
    if barriers.profited(at: open) {
      return BarrierExit(kind: .takeProfit, bar: stopBar, gross: width.upper)
    }
    return resolve(stopBar, barriers, width)
  }

  /// Settles a candle that touched both barriers by finer candles, or else as the stop.
  private func resolve(_ bar: Int, _ barriers: Barriers, _ width: BarrierWidth) -> BarrierExit {
    let unresolved = BarrierExit(kind: .stop, bar: bar, gross: -width.lower, ambiguous: true)
    guard let finer else { return unresolved }
    let parts = Int(candles.interval.milliseconds / finer.interval.milliseconds)
    let first = finer.firstIndex(atOrAfter: candles.openTime[bar])
    guard first + parts <= finer.count, finer.openTime[first] == candles.openTime[bar],
      finer.closeTime(first + parts - 1) == candles.closeTime(bar)
    else { return unresolved }
    for index in first..<first + parts {
      let open = finer.open[index]
      let stopped = barriers.stopped(at: barriers.long ? finer.low[index] : finer.high[index])
      let profited = barriers.profited(at: barriers.long ? finer.high[index] : finer.low[index])
      if stopped, profited, !barriers.stopped(at: open), !barriers.profited(at: open) { return unresolved }
      if stopped, !barriers.profited(at: open) {
        let gap = barriers.stopped(at: open) && index > first
        return BarrierExit(
          kind: .stop, bar: bar, gross: gap ? min(-width.lower, barriers.gain(at: open)) : -width.lower)
      }
      if profited { return BarrierExit(kind: .takeProfit, bar: bar, gross: width.upper) }
    }
    return unresolved
  }

  private func firstHigh(atLeast level: Double, from start: Int, through last: Int) -> Int {
    var index = start
    while index <= last {
      if index & 15 == 0, blockHigh[index >> BarrierScanner.shift] < level {
        index += 16
      } else if candles.high[index] >= level {
        return index
      } else {
        index += 1
      }
    }
    return .max
  }

  private func firstLow(atMost level: Double, from start: Int, through last: Int) -> Int {
    var index = start
    while index <= last {
      if index & 15 == 0, blockLow[index >> BarrierScanner.shift] > level {
        index += 16
      } else if candles.low[index] <= level {
        return index
      } else {
        index += 1
      }
    }
    return .max
  }
}

/// The prices at which one trade ends.
private struct Barriers {
  let long: Bool
  let entry: Double
  let profit: Double
  let stop: Double

  init(long: Bool, entry: Double, width: BarrierWidth, tolerance: Double) {
    self.long = long
    self.entry = entry
    let sign: Double = long ? 1 : -1
    profit = entry * (1 + sign * width.upper) * (1 - sign * tolerance)
    stop = entry * (1 - sign * width.lower) * (1 + sign * tolerance)
  }

  func stopped(at price: Double) -> Bool { long ? price <= stop : price >= stop }
  func profited(at price: Double) -> Bool { long ? price >= profit : price <= profit }
  func gain(at price: Double) -> Double { (long ? price - entry : entry - price) / entry }
}
