import Chronology
import Diagnostics
import Market

/// What a store guarantees of its series, checked on the way in and on the way out.
package enum StoreRules {
  /// Years 1970 to 9999: what has a calendar date, and far from the borders where sums would overflow.
  package static let calendar: Range<Int64> = 0..<253_402_300_800_000

  /// Checks a whole market.
  /// - Throws: `TernError` of kind `data` naming the column and the time.
  package static func check(_ data: MarketData) throws(TernError) {
    try check(data.candles)
    if let funding = data.funding {
      try checkLengths([funding.time.count, funding.rate.count], "funding")
      var order = StoreTimeOrder("funding/time")
      for index in funding.time.indices {
        try order.accept(funding.time[index])
        try checkFunding(funding.time[index], funding.rate[index])
      }
    }
    if let mark = data.markPrice {
      try checkLengths([mark.time.count, mark.price.count], "mark")
      var order = StoreTimeOrder("mark/time")
      for index in mark.time.indices {
        try order.accept(mark.time[index])
        try checkMark(mark.time[index], mark.price[index])
      }
    }
    if let quotes = data.quotes {
      try checkLengths(
        [
          quotes.time.count, quotes.bidPrice.count, quotes.bidQuantity.count, quotes.askPrice.count,
          quotes.askQuantity.count,
        ], "quotes")
      var order = StoreTimeOrder("quotes/time")
      for index in quotes.time.indices {
        try order.accept(quotes.time[index])
        try checkQuote(quotes[index])
      }
    }
  }

  private static func check(_ series: CandleSeries) throws(TernError) {
    guard series.count > 0 else { throw TernError(.data, "there are no candles", expected: "at least one") }
    try checkLengths(
      [
        series.openTime.count, series.open.count, series.high.count, series.low.count, series.close.count,
        series.volume.count, series.tradeCount.count, series.takerBuyVolume.count,
      ], "candles")
    var order = StoreTimeOrder("candles/open_time")
    for index in 0..<series.count {
      try order.accept(series.openTime[index])
      try checkCandle(series[index], series.interval)
    }
  }

  /// Checks one candle by itself.
  @inline(__always)
  static func checkCandle(_ candle: Candle, _ interval: Interval) throws(TernError) {
    guard CandleRules.isAligned(candle.openTime, to: interval) else {
      throw TernError(
        .data, "a candle does not open on a multiple of the interval", key: "candles/open_time",
        found: Timestamp.text(candle.openTime), expected: "a multiple of \(interval)")
    }
    if let violation = CandleRules.violation(of: candle) {
      var error = violation.error(file: nil, line: nil)
      error.message = "the candle of \(Timestamp.text(candle.openTime)): " + error.message
      throw error
    }
  }

  /// Checks one funding event by itself.
  @inline(__always)
  static func checkFunding(_ time: Int64, _ rate: Double) throws(TernError) {
    try checkValue(rate, time, "funding/rate", from: -1, through: 1)
  }

  /// Checks one mark price by itself.
  @inline(__always)
  static func checkMark(_ time: Int64, _ price: Double) throws(TernError) {
    try checkValue(price, time, "mark/price", from: .leastNonzeroMagnitude)
  }

  /// Checks one quote by itself.
  @inline(__always)
  static func checkQuote(_ quote: Quote) throws(TernError) {
    try checkValue(quote.bidPrice, quote.time, "quotes/bid_price", from: .leastNonzeroMagnitude)
    try checkValue(quote.askPrice, quote.time, "quotes/ask_price", from: .leastNonzeroMagnitude)
    try checkValue(quote.bidQuantity, quote.time, "quotes/bid_quantity", from: 0)
    try checkValue(quote.askQuantity, quote.time, "quotes/ask_quantity", from: 0)
    guard quote.bidPrice <= quote.askPrice else {
      throw TernError(
        .data, "the quote of \(Timestamp.text(quote.time)) is crossed", key: "quotes/bid_price",
        found: "bid \(quote.bidPrice), ask \(quote.askPrice)", expected: "bid ≤ ask")
    }
  }

  private static func checkLengths(_ lengths: [Int], _ group: String) throws(TernError) {
    guard lengths.allSatisfy({ $0 == lengths[0] }) else {
      throw TernError(.data, "columns differ in length", key: group, found: "\(lengths)")
    }
  }

  @inline(__always)
  private static func checkValue(
    _ value: Double, _ time: Int64, _ key: StaticString, from low: Double,
    through high: Double = .greatestFiniteMagnitude
  ) throws(TernError) {
    guard value >= low && value <= high else {
      throw TernError(
        .data, "the value of \(Timestamp.text(time)) is impossible", key: "\(key)", found: "\(value)",
        expected: "\(low) to \(high)")
    }
  }
}

/// Checks that times have a calendar date and increase.
struct StoreTimeOrder {
  private let key: StaticString
  private var previous = Int64.min

  init(_ key: StaticString) { self.key = key }

  /// Takes the next time.
  /// - Throws: `TernError` of kind `data` naming the column.
  @inline(__always)
  mutating func accept(_ time: Int64) throws(TernError) {
    guard StoreRules.calendar.contains(time) else {
      throw TernError(.data, "a time lies outside the years 1970 to 9999", key: "\(key)", found: "\(time) ms")
    }
    guard time > previous else {
      throw TernError(
        .data, "times do not increase", key: "\(key)", found: Timestamp.text(time),
        expected: "later than \(Timestamp.text(previous))")
    }
    previous = time
  }
}
