import Chronology
import Diagnostics
import Market

/// Why a candle cannot be used.
enum CandleFault {
  case price
  case range
  case volume

  /// The fault of a candle, nil for a sound one: finite positive prices, low ≤ open, close ≤ high, finite volume ≥ 0.
  @inline(__always)
  static func find(in candle: Candle) -> CandleFault? {
    let sound =
      candle.low > 0 && candle.high < .infinity && candle.low <= candle.open && candle.open <= candle.high
      && candle.low <= candle.close && candle.close <= candle.high && candle.volume >= 0
      && candle.volume < .infinity
    if sound { return nil }
    let prices = [candle.open, candle.high, candle.low, candle.close]
    if !prices.allSatisfy({ $0 > 0 && $0.isFinite }) { return .price }
    return candle.volume >= 0 && candle.volume.isFinite ? .range : .volume
  }

  /// The error that describes the fault of `candle`.
  func error(_ candle: Candle) -> TernError {
    let place = "the candle of \(Timestamp.text(candle.openTime))"
    let prices = "open \(candle.open), high \(candle.high), low \(candle.low), close \(candle.close)"
    switch self {
    case .price:
      return TernError(
        .data, "\(place) has an unusable price", found: prices, expected: "finite prices above zero")
    case .range:
      return TernError(
        .data, "\(place) has prices outside its range", found: prices, expected: "low ≤ open, close ≤ high")
    case .volume:
      return TernError(
        .data, "\(place) has an unusable volume", found: "\(candle.volume)", expected: "a finite volume ≥ 0")
    }
  }

  /// The error for a candle that is not later than the one before it.
  static func order(_ openTime: Int64, after last: Int64) -> TernError {
    TernError(
      .data, "candles are not in increasing time order", key: "open_time", found: Timestamp.text(openTime),
      expected: "a time after \(Timestamp.text(last))")
  }
}
