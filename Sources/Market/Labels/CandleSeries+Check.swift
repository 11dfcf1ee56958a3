import Diagnostics
import Market

extension CandleSeries {
  /// Refuses prices that no market has, on which every comparison below would quietly be false.
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
    }
  }
}
