/// Where an order is in its life.
///
/// ```
/// pendingNew ─┬─ accepted ─┬─ partiallyFilled ─┬─ filled
///             └─ rejected  ├─ filled           ├─ cancelled
///                          ├─ cancelled        └─ expired
///                          └─ expired
/// ```
public enum OrderState: UInt8, Sendable, CaseIterable {
  /// Sent; the venue has not answered.
  case pendingNew = 0
  /// The venue holds it.
  case accepted = 1
  /// A part is executed, the rest is at the venue.
  case partiallyFilled = 2
  /// All of it is executed.
  case filled = 3
  /// What was left is withdrawn.
  case cancelled = 4
  /// The venue refused it.
  case rejected = 5
  /// It lapsed, because the candle it was meant for is missing.
  case expired = 6

  /// `PENDING_NEW`, `ACCEPTED`, ….
  public var name: String {
    switch self {
    case .pendingNew: return "PENDING_NEW"
    case .accepted: return "ACCEPTED"
    case .partiallyFilled: return "PARTIALLY_FILLED"
    case .filled: return "FILLED"
    case .cancelled: return "CANCELLED"
    case .rejected: return "REJECTED"
    case .expired: return "EXPIRED"
    }
  }

  /// Whether nothing can happen to the order any more.
  public var isFinal: Bool { self.rawValue >= OrderState.filled.rawValue }

  /// Whether an order in this state may go over to another.
  public func canBecome(_ next: OrderState) -> Bool {
    switch self {
    case .pendingNew: return next == .accepted || next == .rejected
    case .accepted, .partiallyFilled:
      return next == .partiallyFilled || next == .filled || next == .cancelled || next == .expired
    case .filled, .cancelled, .rejected, .expired: return false
    }
  }
}
