import Market

/// The standard deviation of one candle's return, `close / previous close − 1` around zero, as an exponential average of
/// its square: `v ← v + 2 / (n + 1) · (r² − v)`, over the first n returns their plain mean.
public struct Volatility: Equatable, Sendable {
  private var meanSquare = 0.0
  private var returns = 0
  private var lastClose = 0.0
  private var lastOpenTime = Int64.min

  /// No candles yet.
  public init() {}

  /// The volatility of a candle, a fraction; nil before a window of returns.
  public func value(window: Int) -> Double? {
    returns >= window ? meanSquare.squareRoot() : nil
  }

  /// Takes in a closed candle; the return over a gap is left out.
  mutating func accept(_ candle: Candle, interval: Int64, window: Int) {
    let (next, overflow) = lastOpenTime.addingReportingOverflow(interval)
    if !overflow, candle.openTime == next, lastClose > 0 {
      let change = candle.close / lastClose - 1
      let square = change * change
      if square.isFinite {
        var weight = 2 / Double(window + 1)
        if returns < window {
          returns += 1
          weight = 1 / Double(returns)
        }
        meanSquare += weight * (square - meanSquare)
      }
    }
    lastClose = candle.close
    lastOpenTime = candle.openTime
  }
}
