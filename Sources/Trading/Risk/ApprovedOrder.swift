import Orders

/// An order that has passed risk, and the only thing a venue accepts.
///
/// Its initialiser is internal to this module: code elsewhere that tries to send an order past risk does not compile.
public struct ApprovedOrder: Equatable, Sendable {
  /// The order's number, counted from one in the order of approval.
  public let identifier: OrderIdentifier
  /// What is to be done, after risk has cut it to size; `intent.purpose.opens == false` means reduce-only.
  public let intent: OrderIntent
  /// When it was approved, milliseconds since the epoch, UTC.
  public let time: Int64

  init(identifier: OrderIdentifier, intent: OrderIntent, time: Int64) {
    self.identifier = identifier
    self.intent = intent
    self.time = time
  }
}

/// What risk says to an intent.
public enum RiskVerdict: Equatable, Sendable {
  /// The order may go as it was asked for.
  case approved(ApprovedOrder)
  /// The order may go with less risk than was asked for: a smaller quantity, or an exit moved in to the limit.
  case reduced(ApprovedOrder, RiskReason)
  /// The order may not go.
  case rejected(RiskReason)

  /// The order to send; nil when rejected.
  public var order: ApprovedOrder? {
    switch self {
    case .approved(let order), .reduced(let order, _): return order
    case .rejected: return nil
    }
  }

  /// Why it was cut or rejected; nil when approved as asked.
  public var reason: RiskReason? {
    switch self {
    case .approved: return nil
    case .reduced(_, let reason), .rejected(let reason): return reason
    }
  }
}
