/// One candle: what traded in `[openTime, openTime + interval)`. It is known only at its close.
public struct Candle: Equatable, Sendable {
  /// Start of the candle, milliseconds since the epoch, UTC.
  public var openTime: Int64
  /// First price, quote units.
  public var open: Double
  /// Highest price, quote units.
  public var high: Double
  /// Lowest price, quote units.
  public var low: Double
  /// Last price, quote units.
  public var close: Double
  /// Traded volume, base units; NaN when the source does not tell.
  public var volume: Double
  /// Number of trades; NaN when the source does not tell.
  public var tradeCount: Double
  /// Volume bought by takers, base units; NaN when the source does not tell.
  public var takerBuyVolume: Double

  /// Creates a candle from its parts, unchecked.
  public init(
    openTime: Int64, open: Double, high: Double, low: Double, close: Double, volume: Double,
    tradeCount: Double = .nan, takerBuyVolume: Double = .nan
  ) {
    self.openTime = openTime
    self.open = open
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
    self.tradeCount = tradeCount
    self.takerBuyVolume = takerBuyVolume
  }
}

/// Candles of one symbol and interval in columns, in strictly increasing time order. Gaps are allowed and visible.
public struct CandleSeries: Equatable, Sendable {
  /// The exchange's symbol, for example `BTCUSDT`.
  public var symbol: String
  /// Length of every candle.
  public var interval: Interval
  /// Start times, milliseconds since the epoch, UTC, strictly increasing.
  public var openTime: [Int64] = []
  /// First prices, quote units.
  public var open: [Double] = []
  /// Highest prices, quote units.
  public var high: [Double] = []
  /// Lowest prices, quote units.
  public var low: [Double] = []
  /// Last prices, quote units.
  public var close: [Double] = []
  /// Volumes, base units; NaN where the source does not tell.
  public var volume: [Double] = []
  /// Trade counts; NaN where the source does not tell.
  public var tradeCount: [Double] = []
  /// Taker-buy volumes, base units; NaN where the source does not tell.
  public var takerBuyVolume: [Double] = []

  /// Creates an empty series.
  public init(symbol: String, interval: Interval) {
    self.symbol = symbol
    self.interval = interval
  }

  /// Number of candles.
  public var count: Int { openTime.count }

  /// The instant at which candle `index` is known.
  public func closeTime(_ index: Int) -> Int64 { openTime[index] + interval.milliseconds }

  /// Candle `index` as a row.
  public subscript(index: Int) -> Candle {
    Candle(
      openTime: openTime[index], open: open[index], high: high[index], low: low[index], close: close[index],
      volume: volume[index], tradeCount: tradeCount[index], takerBuyVolume: takerBuyVolume[index])
  }

  /// Adds a candle at the end.
  public mutating func append(_ candle: Candle) {
    openTime.append(candle.openTime)
    open.append(candle.open)
    high.append(candle.high)
    low.append(candle.low)
    close.append(candle.close)
    volume.append(candle.volume)
    tradeCount.append(candle.tradeCount)
    takerBuyVolume.append(candle.takerBuyVolume)
  }

  /// Adds the candles of another series of the same symbol and interval at the end.
  public mutating func append(contentsOf other: CandleSeries) {
    precondition(other.symbol == symbol && other.interval == interval, "series of different markets")
    openTime += other.openTime
    open += other.open
    high += other.high
    low += other.low
    close += other.close
    volume += other.volume
    tradeCount += other.tradeCount
    takerBuyVolume += other.takerBuyVolume
  }

  /// The candles of a range of indices.
  public func slice(_ range: Range<Int>) -> CandleSeries {
    var part = CandleSeries(symbol: symbol, interval: interval)
    part.openTime = Array(openTime[range])
    part.open = Array(open[range])
    part.high = Array(high[range])
    part.low = Array(low[range])
    part.close = Array(close[range])
    part.volume = Array(volume[range])
    part.tradeCount = Array(tradeCount[range])
    part.takerBuyVolume = Array(takerBuyVolume[range])
    return part
  }

  /// Index ranges without a gap, in order; together they cover every candle.
  public func contiguousSegments() -> [Range<Int>] {
    var segments: [Range<Int>] = []
    var start = 0
    for index in 1..<max(1, count) where openTime[index] - openTime[index - 1] != interval.milliseconds {
      segments.append(start..<index)
      start = index
    }
    if count > 0 { segments.append(start..<count) }
    return segments
  }

  /// Index of the first candle that opens at or after `time`.
  public func firstIndex(atOrAfter time: Int64) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if openTime[middle] < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
