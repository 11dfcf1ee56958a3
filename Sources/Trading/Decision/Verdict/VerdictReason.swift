/// Why a decision executes or does not: a closed list, written into journals.
public enum VerdictReason: UInt8, Sendable, CaseIterable {
  /// The signal is executed.
  case execute = 0
  /// The most probable direction is NEUTRAL.
  case neutral = 1
  /// The calibrated confidence lies below the threshold.
  case belowConfidence = 2
  /// What the trade is expected to earn after costs is not above zero.
  case negativeExpectedValue = 3
  /// Some feature still waits for candles after the start or a gap.
  case warmingUp = 4
  /// A layer gave something that is no probability.
  case unknownInput = 5

  /// `EXECUTE`, `NEUTRAL`, `BELOW_CONFIDENCE`, `NEGATIVE_EXPECTED_VALUE`, `WARMING_UP` or `UNKNOWN_INPUT`.
  public var name: String {
    switch self {
    case .execute: return "EXECUTE"
    case .neutral: return "NEUTRAL"
    case .belowConfidence: return "BELOW_CONFIDENCE"
    case .negativeExpectedValue: return "NEGATIVE_EXPECTED_VALUE"
    case .warmingUp: return "WARMING_UP"
    case .unknownInput: return "UNKNOWN_INPUT"
    }
  }
}
