import Diagnostics
import Market

/// What every candle must satisfy by itself.
package enum CandleRules {
  /// A rule that a candle breaks.
  package struct Violation: Equatable {
    /// The class of the violation.
    package enum Kind: String, Codable, CaseIterable {
      case notFinite = "not_finite"
      case priceNotPositive = "price_not_positive"
      case highBelowLow = "high_below_low"
      case openOutside = "open_outside_range"
      case closeOutside = "close_outside_range"
      case negativeVolume = "negative_volume"
      case badCount = "bad_trade_count"
      case takerAboveVolume = "taker_buy_above_volume"
    }

    package let kind: Kind
    package let column: String
    package let message: String
    package let found: String
    package let expected: String

    package func error(file: String?, line: Int?) -> TernError {
      TernError(.data, message, file: file, line: line, key: column, found: found, expected: expected)
    }
  }

  /// The first rule that a candle breaks. Volume, count and taker volume may be NaN: the source does not tell them.
  @inline(__always)
  package static func violation(of candle: Candle) -> Violation? {
    holds(candle) ? nil : explanation(of: candle)
  }

  /// Whether a candle obeys every rule.
  @inline(__always)
  static func holds(_ candle: Candle) -> Bool {
    let pricesHold =
      candle.low > 0 && candle.low <= candle.open && candle.low <= candle.close && candle.high >= candle.open
      && candle.high >= candle.close && candle.high < .infinity
    let volumesHold =
      !(candle.volume < 0) && candle.volume != .infinity
      && !(candle.takerBuyVolume < 0) && !(candle.takerBuyVolume > candle.volume)
      && candle.takerBuyVolume != .infinity
      && !(candle.tradeCount < 0) && candle.tradeCount != .infinity
      && (candle.tradeCount.isNaN || candle.tradeCount == candle.tradeCount.rounded(.down))
    return pricesHold && volumesHold
  }

  @inline(never)
  private static func explanation(of candle: Candle) -> Violation? {
    let prices = [("open", candle.open), ("high", candle.high), ("low", candle.low), ("close", candle.close)]
    for (column, price) in prices {
      if !price.isFinite { return notFinite(column, price) }
      if price <= 0 {
        return Violation(
          kind: .priceNotPositive, column: column, message: "a price must be positive", found: "\(price)",
          expected: "more than 0")
      }
    }
    if candle.high < candle.low {
      return Violation(
        kind: .highBelowLow, column: "high", message: "the high lies below the low",
        found: "high \(candle.high), low \(candle.low)", expected: "high ≥ low")
    }
    for (column, price) in [prices[0], prices[3]] where price > candle.high || price < candle.low {
      return Violation(
        kind: column == "open" ? .openOutside : .closeOutside, column: column,
        message: "the \(column) lies outside the candle's range", found: "\(price)",
        expected: "\(candle.low) to \(candle.high)")
    }
    for (column, value) in [
      ("volume", candle.volume), ("count", candle.tradeCount), ("taker_buy_volume", candle.takerBuyVolume),
    ] {
      if value.isInfinite { return notFinite(column, value) }
      if value < 0 {
        return Violation(
          kind: column == "count" ? .badCount : .negativeVolume, column: column,
          message: "must not be negative",
          found: "\(value)", expected: "0 or more")
      }
    }
    if candle.takerBuyVolume > candle.volume {
      return Violation(
        kind: .takerAboveVolume, column: "taker_buy_volume", message: "takers bought more than was traded",
        found: "\(candle.takerBuyVolume)", expected: "at most the volume, \(candle.volume)")
    }
    return Violation(
      kind: .badCount, column: "count", message: "a number of trades must be whole",
      found: "\(candle.tradeCount)",
      expected: "an integer")
  }

  private static func notFinite(_ column: String, _ value: Double) -> Violation {
    Violation(
      kind: .notFinite, column: column, message: "is not a finite number", found: "\(value)",
      expected: "a decimal number")
  }

  /// Whether candles of an interval may open at a time: days and shorter count from midnight UTC, whole weeks
  /// from Monday, other lengths from any midnight.
  package static func isAligned(_ time: Int64, to interval: Interval) -> Bool {
    let day: Int64 = 86_400_000
    let length = interval.milliseconds
    if length % (7 * day) == 0 { return (time - 4 * day) % (7 * day) == 0 }
    return time % min(length, day) == 0
  }
}
