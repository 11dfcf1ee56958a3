import Diagnostics
import Market

/// Candles and funding in exact units, ready to be walked through.
struct PriceTape {
  /// A funding settlement that a position can meet.
  struct Funding {
    /// The instant, to the whole second.
    var time: Int64
    /// What the position is worth then, per unit.
    var price: Price
    /// What longs pay, a fraction of notional.
    var rate: Rate
  }

  let interval: Int64
  let openTime: [Int64]
  /// Prices in units of 1e-8.
  let open: [Int64]
  let high: [Int64]
  let low: [Int64]
  let close: [Int64]
  let funding: [Funding]

  var count: Int { openTime.count }

  init(_ candles: CandleSeries, funding: FundingSeries?) throws(TernError) {
    interval = candles.interval.milliseconds
    openTime = candles.openTime
    open = try PriceTape.units(candles.open, openTime)
    high = try PriceTape.units(candles.high, openTime)
    low = try PriceTape.units(candles.low, openTime)
    close = try PriceTape.units(candles.close, openTime)
    for bar in openTime.indices {
      guard low[bar] <= min(open[bar], close[bar]), max(open[bar], close[bar]) <= high[bar] else {
        throw TernError(
          .data, "is not a candle", key: "open_time \(openTime[bar])",
          found: "open \(candles.open[bar]) high \(candles.high[bar]) low \(candles.low[bar]) "
            + "close \(candles.close[bar])",
          expected: "open and close between low and high")
      }
      guard bar == 0 || openTime[bar] - openTime[bar - 1] >= interval else {
        throw TernError(
          .data, "candles overlap or are out of order", key: "open_time \(openTime[bar])",
          expected: "at least \(interval) ms after \(openTime[bar - 1])")
      }
    }
    self.funding = try PriceTape.settlements(funding, openTime, interval, open, close)
  }

  /// Close time of a candle, milliseconds.
  func closeTime(_ bar: Int) -> Int64 { openTime[bar] + interval }

  /// Whether a candle follows its predecessor without a gap.
  func follows(_ bar: Int) -> Bool { bar > 0 && openTime[bar] - openTime[bar - 1] == interval }

  /// First settlement after an instant.
  func firstFunding(after time: Int64) -> Int {
    var low = 0
    var high = funding.count
    while low < high {
      let middle = (low + high) / 2
      if funding[middle].time <= time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func units(_ prices: [Double], _ times: [Int64]) throws(TernError) -> [Int64] {
    var result: [Int64] = []
    result.reserveCapacity(prices.count)
    for (row, value) in prices.enumerated() {
      // Keeps every product of a price and a rate below 2^63, which the hot loop relies on.
      guard value > 0, value < 1e9 else {
        throw TernError(
          .data, "is not a price", key: "open_time \(times[row])", found: "\(value)",
          expected: "above 0 and below 1e9")
      }
      result.append(try Price(value).units)
    }
    return result
  }

  /// A settlement inside a candle is valued at its open; one in a gap at the last close before.
  private static func settlements(
    _ funding: FundingSeries?, _ openTime: [Int64], _ interval: Int64, _ open: [Int64], _ close: [Int64]
  ) throws(TernError) -> [Funding] {
    guard let funding, let first = openTime.first else { return [] }
    try funding.validate()
    var result: [Funding] = []
    var bar = 0
    for index in funding.time.indices {
      let stamp = funding.time[index]
      let instant = stamp - ((stamp % 1000) + 1000) % 1000
      guard instant >= first else { continue }
      while bar + 1 < openTime.count, openTime[bar + 1] <= instant { bar += 1 }
      let inside = instant < openTime[bar] + interval
      let price = Price(units: inside ? open[bar] : close[bar])
      result.append(Funding(time: instant, price: price, rate: try Rate(funding.rate[index])))
    }
    return result
  }
}
