import Market

/// How much may still be opened in a market.
public struct Headroom: Equatable, Sendable {
  /// The largest quantity that would be approved as asked for now, a whole number of steps; zero for none.
  public let quantity: Quantity
  /// Notional of that quantity at the dearest price it is assumed to fill at.
  public let notional: Money
  /// Margin that the notional needs, rounded up.
  public let margin: Money
  /// What stands against one step more.
  public let reason: RiskReason

  static func none(_ reason: RiskReason) -> Headroom {
    Headroom(quantity: .zero, notional: .zero, margin: .zero, reason: reason)
  }
}
