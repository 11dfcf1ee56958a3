import Diagnostics
import Market

extension CandleSeries {
  /// Refuses prices that no market has, on which every comparison would quietly be false, and candles that overlap
  /// or are out of order, in which no window means anything.
  /// - Throws: `TernError` of kind `data` naming the candle.
  func checkPrices() throws(TernError) {
    for row in 0..<count {
      let top = high[row]
      let bottom = low[row]
      guard bottom > 0, top.isFinite, bottom <= open[row], open[row] <= top, bottom <= close[row],
        close[row] <= top
      else {
        throw TernError(
          .data, "is not a candle", key: "open_time \(openTime[row])",
          found: "open \(open[row]) high \(top) low \(bottom) close \(close[row])",
          expected: "positive prices with open and close between low and high")
      }
      guard row == 0 || openTime[row] - openTime[row - 1] >= interval.milliseconds else {
        throw TernError(
          .data, "candles overlap or are out of order", key: "open_time \(openTime[row])",
          expected: "at least \(interval.milliseconds) ms after \(openTime[row - 1])")
      }
    }
  }
}
