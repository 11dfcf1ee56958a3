import Market

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Moves, volatilities, ranges and directional strength of every window of a segment without gaps, in linear time.
struct WindowFacts {
  private let start: Int
  private let window: Int
  private let logClose: [Double]
  /// Sums of squared one-candle log returns up to each candle.
  private let squares: [Double]
  private let rangeHigh: [Double]
  private let rangeLow: [Double]
  private let directional: [Double]

  init(_ candles: CandleSeries, segment: Range<Int>, configuration: RegimeLabeler.Configuration) {
    start = segment.lowerBound
    window = configuration.window
    logClose = candles.close[segment].map { log($0) }
    var squares = [0.0]
    squares.reserveCapacity(segment.count)
    for index in logClose.indices.dropFirst() {
      let move = logClose[index] - logClose[index - 1]
      squares.append(squares[index - 1] + move * move)
    }
    self.squares = squares
    let high = Array(candles.high[segment])
    let low = Array(candles.low[segment])
    rangeHigh = WindowFacts.trailing(high, configuration.rangeBars, >=)
    rangeLow = WindowFacts.trailing(low, configuration.rangeBars, <=)
    directional = WindowFacts.averageDirectionalIndex(
      high: high, low: low, close: Array(candles.close[segment]), period: configuration.adxPeriod)
  }

  /// Log return over the window that ends at a candle.
  func move(endingAt row: Int) -> Double { logClose[row - start] - logClose[row - start - window] }

  /// Root of the sum of the window's squared one-candle log returns.
  func volatility(endingAt row: Int) -> Double {
    max(0, squares[row - start] - squares[row - start - window]).squareRoot()
  }

  /// Average directional index at a candle; nil in its warm-up.
  func adx(at row: Int) -> Double? {
    let value = directional[row - start]
    return value.isNaN ? nil : value
  }

  /// How far a price lies outside the range that ends at a candle, in units of the range's height.
  func escape(from row: Int, to price: Double) -> Double {
    let high = rangeHigh[row - start]
    let low = rangeLow[row - start]
    let beyond = max(price - high, low - price)
    guard high > low else { return beyond > 0 ? .infinity : -1 }
    return beyond / (high - low)
  }

  /// The extreme of the last `length` values at each position (fewer at the start), by a monotone queue.
  static func trailing(_ values: [Double], _ length: Int, _ beats: (Double, Double) -> Bool) -> [Double] {
    var queue: [Int] = []
    var head = 0
    return values.indices.map { index in
      while queue.count > head, beats(values[index], values[queue[queue.count - 1]]) { queue.removeLast() }
      queue.append(index)
      if queue[head] <= index - length { head += 1 }
      return values[queue[head]]
    }
  }

  /// Wilder's average directional index as TA-Lib computes it; NaN for the first `2 × period − 1` candles.
  static func averageDirectionalIndex(
    high: [Double], low: [Double], close: [Double], period: Int
  ) -> [Double] {
    var result = [Double](repeating: .nan, count: close.count)
    let length = Double(period)
    var plus = 0.0
    var minus = 0.0
    var range = 0.0
    var sum = 0.0
    var average = 0.0
    for index in close.indices.dropFirst() {
      let up = high[index] - high[index - 1]
      let down = low[index - 1] - low[index]
      let trueRange = max(high[index], close[index - 1]) - min(low[index], close[index - 1])
      // The first period − 1 values are summed plainly; from then on Wilder's smoothing forgets one part in `period`.
      let keep = index < period ? 1 : 1 - 1 / length
      plus = plus * keep + (up > 0 && up > down ? up : 0)
      minus = minus * keep + (down > 0 && down > up ? down : 0)
      range = range * keep + trueRange
      guard index >= period else { continue }
      let total = plus + minus
      // Without any range or movement the index stays where it was.
      let isDefined = range > 0 && total > 0
      let strength = isDefined ? 100 * (plus - minus).magnitude / total : 0
      if index < 2 * period {
        sum += strength
        average = sum / length
      } else if isDefined {
        average = (average * (length - 1) + strength) / length
      }
      if index >= 2 * period - 1 { result[index] = average }
    }
    return result
  }
}
