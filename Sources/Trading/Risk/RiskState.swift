/// What risk allows; the severest state that any reason asks for.
///
/// Reducing a position is allowed in every state.
public enum RiskState: UInt8, Sendable, CaseIterable, Comparable {
  /// Openings are judged one by one.
  case active = 0
  /// Volatility is far above normal: no openings, everything is closed.
  case reducing = 1
  /// A limit of the day is reached or an operator has halted: no openings, positions keep their resting exits.
  case halted = 2
  /// The drawdown limit is reached or an operator wants out: no openings, everything is closed, and only a person
  /// starts it again.
  case shutdown = 3

  /// `ACTIVE`, `REDUCING`, `HALTED` or `SHUTDOWN`.
  public var name: String {
    switch self {
    case .active: return "ACTIVE"
    case .reducing: return "REDUCING"
    case .halted: return "HALTED"
    case .shutdown: return "SHUTDOWN"
    }
  }

  /// Orders by severity.
  public static func < (a: RiskState, b: RiskState) -> Bool { a.rawValue < b.rawValue }
}
