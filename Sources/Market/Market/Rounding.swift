import Diagnostics

/// How an exact result that falls between two representable numbers is settled.
public enum Rounding: String, Codable, Sendable, CaseIterable {
  /// Towards negative infinity.
  case down
  /// Towards positive infinity.
  case up
  /// Towards zero.
  case towardZero = "toward_zero"
  /// Away from zero.
  case awayFromZero = "away_from_zero"
  /// To the nearest, a tie to the even neighbour, so that profits and losses are treated alike and sums do not drift.
  case nearest

  /// `numerator / denominator` as a whole number; the denominator is positive.
  func divide(_ numerator: Int128, by denominator: Int128) -> Int128 {
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    if remainder == 0 { return quotient }
    let sign: Int128 = remainder < 0 ? -1 : 1
    switch self {
    case .down: return sign < 0 ? quotient - 1 : quotient
    case .up: return sign > 0 ? quotient + 1 : quotient
    case .towardZero: return quotient
    case .awayFromZero: return quotient + sign
    case .nearest:
      let twice = remainder.magnitude * 2
      let limit = denominator.magnitude
      return twice > limit || (twice == limit && quotient & 1 != 0) ? quotient + sign : quotient
    }
  }
}
