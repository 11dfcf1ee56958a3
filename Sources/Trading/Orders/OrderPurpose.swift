/// Why an order is wanted.
public enum OrderPurpose: UInt8, Sendable, CaseIterable {
  /// Opens a position.
  case entry = 0
  /// Enlarges a winning position.
  case add = 1
  /// Ends the position when the price has moved against it by the stop distance.
  case protectiveStop = 2
  /// Ends the position at its target.
  case takeProfit = 3
  /// Closes a part of a position at a profit.
  case partialTakeProfit = 4
  /// Ends a position whose holding time is over.
  case timeExit = 5
  /// Ends a position because the signal has turned.
  case signalExit = 6
  /// Ends a position because of a hostile regime or troubled data.
  case emergencyExit = 7
  /// Ends a position because risk closes everything.
  case flatten = 8

  /// `ENTRY`, `ADD`, `PROTECTIVE_STOP`, ….
  public var name: String {
    switch self {
    case .entry: return "ENTRY"
    case .add: return "ADD"
    case .protectiveStop: return "PROTECTIVE_STOP"
    case .takeProfit: return "TAKE_PROFIT"
    case .partialTakeProfit: return "PARTIAL_TAKE_PROFIT"
    case .timeExit: return "TIME_EXIT"
    case .signalExit: return "SIGNAL_EXIT"
    case .emergencyExit: return "EMERGENCY_EXIT"
    case .flatten: return "FLATTEN"
    }
  }

  /// Whether the order may enlarge a position; every other purpose only ever reduces one.
  public var opens: Bool { self == .entry || self == .add }
}
