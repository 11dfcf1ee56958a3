import Chronology
import Diagnostics
import Market

/// What a store guarantees of its series, checked on the way in and on the way out.
package enum StoreRules {
  /// Years 1970 to 9999: what has a calendar date, and far from the borders where sums would overflow.
  package static let calendar: Range<Int64> = 0..<253_402_300_800_000

  /// - Throws: `TernError` of kind `data` naming the column and the time.
  package static func check(_ data: MarketData) throws(TernError) {
    try check(data.candles)
    if let funding = data.funding {
      try checkLengths([funding.time.count, funding.rate.count], "funding")
      try checkOrder(funding.time, "funding/time")
      try checkValues(funding.rate, funding.time, "funding/rate", from: -1, through: 1)
    }
    if let mark = data.markPrice {
      try checkLengths([mark.time.count, mark.price.count], "mark")
      try checkOrder(mark.time, "mark/time")
      try checkValues(mark.price, mark.time, "mark/price", from: .leastNonzeroMagnitude)
    }
    if let quotes = data.quotes {
      try checkLengths(
        [
          quotes.time.count, quotes.bidPrice.count, quotes.bidQuantity.count, quotes.askPrice.count,
          quotes.askQuantity.count,
        ], "quotes")
      try checkOrder(quotes.time, "quotes/time")
      try checkValues(quotes.bidPrice, quotes.time, "quotes/bid_price", from: .leastNonzeroMagnitude)
      try checkValues(quotes.askPrice, quotes.time, "quotes/ask_price", from: .leastNonzeroMagnitude)
      try checkValues(quotes.bidQuantity, quotes.time, "quotes/bid_quantity", from: 0)
      try checkValues(quotes.askQuantity, quotes.time, "quotes/ask_quantity", from: 0)
      for index in quotes.time.indices where quotes.bidPrice[index] > quotes.askPrice[index] {
        throw TernError(
          .data, "the quote of \(Timestamp.text(quotes.time[index])) is crossed", key: "quotes/bid_price",
          found: "bid \(quotes.bidPrice[index]), ask \(quotes.askPrice[index])", expected: "bid ≤ ask")
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
    try checkOrder(series.openTime, "candles/open_time")
    for index in 0..<series.count {
      guard CandleRules.isAligned(series.openTime[index], to: series.interval) else {
        throw TernError(
          .data, "a candle does not open on a multiple of the interval", key: "candles/open_time",
          found: Timestamp.text(series.openTime[index]), expected: "a multiple of \(series.interval)")
      }
      if let violation = CandleRules.violation(of: series[index]) {
        var error = violation.error(file: nil, line: nil)
        error.message = "the candle of \(Timestamp.text(series.openTime[index])): " + error.message
        throw error
      }
    }
  }

  private static func checkLengths(_ lengths: [Int], _ group: String) throws(TernError) {
    guard lengths.allSatisfy({ $0 == lengths[0] }) else {
      throw TernError(.data, "columns differ in length", key: group, found: "\(lengths)")
    }
  }

  private static func checkOrder(_ times: [Int64], _ key: String) throws(TernError) {
    for time in [times.first, times.last] {
      guard let time, !calendar.contains(time) else { continue }
      throw TernError(.data, "a time lies outside the years 1970 to 9999", key: key, found: "\(time) ms")
    }
    for index in 1..<max(1, times.count) where times[index] <= times[index - 1] {
      throw TernError(
        .data, "times do not increase", key: key, found: Timestamp.text(times[index]),
        expected: "later than \(Timestamp.text(times[index - 1]))")
    }
  }

  private static func checkValues(
    _ values: [Double], _ times: [Int64], _ key: String, from low: Double,
    through high: Double = .greatestFiniteMagnitude
  ) throws(TernError) {
    for index in values.indices where !(values[index] >= low && values[index] <= high) {
      throw TernError(
        .data, "the value of \(Timestamp.text(times[index])) is impossible", key: key,
        found: "\(values[index])",
        expected: "\(low) to \(high)")
    }
  }
}
