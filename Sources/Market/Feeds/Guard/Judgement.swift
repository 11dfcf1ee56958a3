extension CandleGuard {
  /// What is known about one candle, or about its absence. The list is closed; `Judgement.action` says what follows.
  public enum Code: Equatable, Sendable {
    /// The next candle, as expected.
    case accepted
    /// The last accepted candle again, with the same values.
    case duplicate
    /// The last accepted candle's time with other values.
    case conflictingDuplicate
    /// A time before the last accepted candle's.
    case outOfOrder
    /// An opening time off the interval's grid.
    case misaligned
    /// A sound candle after that many missing ones: it is accepted, features restart, and entries wait until their
    /// history is warm again.
    case gap(missing: Int)
    /// Values that no candle can have: not finite, a price of zero or less, contradictory extremes, a negative volume,
    /// or a time before 1970 or after 9999.
    case malformed
    /// A price too far from the last accepted close, or a time too far ahead, until enough candles confirm it.
    case absurd
    /// No acceptable candle for that many milliseconds since the last one closed.
    case stale(silence: Int64)

    /// The code's name in journals and metrics.
    public var name: StaticString {
      switch self {
      case .accepted: return "accepted"
      case .duplicate: return "duplicate"
      case .conflictingDuplicate: return "conflicting_duplicate"
      case .outOfOrder: return "out_of_order"
      case .misaligned: return "misaligned"
      case .gap: return "gap"
      case .malformed: return "malformed"
      case .absurd: return "absurd"
      case .stale: return "stale"
      }
    }
  }

  /// What to do.
  public enum Action: UInt8, Equatable, Sendable {
    /// Decide on the candle.
    case accept
    /// Drop the candle and go on.
    case ignore
    /// No entries until the history is warm again (a gap) or a candle comes (silence); a candle that is accepted is used.
    case hold
    /// Close all positions of the symbol, and no entries, as for `hold`. The candle is used only where it is accepted.
    case flatten
  }

  /// The guard's word on a candle or on silence.
  public struct Judgement: Equatable, Sendable {
    /// What was found.
    public let code: Code
    /// What to do.
    public let action: Action

    /// Whether the candle counts: it is `accepted` or ends a `gap`.
    public var acceptsCandle: Bool {
      switch code {
      case .accepted, .gap: return true
      default: return false
      }
    }

    /// Whether a person should be told: everything but `accepted` and `duplicate`.
    public var alerts: Bool { code != .accepted && code != .duplicate }

    /// Joins a finding and its consequence.
    public init(_ code: Code, _ action: Action) {
      self.code = code
      self.action = action
    }
  }
}
