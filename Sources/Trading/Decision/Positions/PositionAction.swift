import Market
import Orders

/// One thing that the position rules want done.
public enum PositionAction: Equatable, Sendable {
  /// An order.
  case intent(OrderIntent)
  /// The protective stop of the position shall rest at this price, a whole number of ticks; it is tighter than the one
  /// before.
  case moveStop(to: Price)
}

/// Why an executed signal opened nothing.
public enum EntryRefusal: UInt8, Sendable, CaseIterable {
  /// The market's data is troubled.
  case dataTrouble = 0
  /// The regime is hostile to the direction.
  case hostileRegime = 1
  /// The volatility that the size depends on is not known yet.
  case unknownVolatility = 2
  /// Nothing is left of the equity.
  case noEquity = 3
  /// The size lies below the symbol's step or least notional.
  case belowMinimum = 4
  /// The size or its value cannot be written as an amount.
  case amountOutOfRange = 5

  /// `DATA_TROUBLE`, `HOSTILE_REGIME`, `UNKNOWN_VOLATILITY`, `NO_EQUITY`, `BELOW_MINIMUM` or `AMOUNT_OUT_OF_RANGE`.
  public var name: String {
    switch self {
    case .dataTrouble: return "DATA_TROUBLE"
    case .hostileRegime: return "HOSTILE_REGIME"
    case .unknownVolatility: return "UNKNOWN_VOLATILITY"
    case .noEquity: return "NO_EQUITY"
    case .belowMinimum: return "BELOW_MINIMUM"
    case .amountOutOfRange: return "AMOUNT_OUT_OF_RANGE"
    }
  }
}

/// What the position rules want done at one close, in order; holds its actions in place, so that nothing is allocated.
public struct PositionActions: Equatable, Sendable {
  /// The most actions that one close can bring.
  public static let capacity = 6

  private var storage = InlineArray<6, PositionAction>(repeating: .moveStop(to: .zero))
  /// Number of actions.
  public private(set) var count = 0
  /// Why an executed signal opened nothing; nil when it did, or when there was none.
  public internal(set) var refusal: EntryRefusal?

  /// No actions.
  public init() {}

  /// Whether there is nothing to do.
  public var isEmpty: Bool { count == 0 }

  /// Action `index`, counted from zero.
  public subscript(index: Int) -> PositionAction {
    precondition(index >= 0 && index < count, "there is no such action")
    return storage[index]
  }

  /// Forgets all actions.
  public mutating func removeAll() {
    count = 0
    refusal = nil
  }

  mutating func append(_ action: PositionAction) {
    precondition(count < PositionActions.capacity, "more actions than one close can bring")
    storage[count] = action
    count += 1
  }

  /// Equal actions in equal order, and the same refusal.
  public static func == (a: PositionActions, b: PositionActions) -> Bool {
    guard a.count == b.count, a.refusal == b.refusal else { return false }
    for index in 0..<a.count where a.storage[index] != b.storage[index] { return false }
    return true
  }
}
