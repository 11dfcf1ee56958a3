import Market

/// What the position layer wants done; it reaches a venue only after risk has approved it.
public struct OrderIntent: Equatable, Sendable {
  /// Index of the market among the session's markets.
  public var market: Int
  /// Why.
  public var purpose: OrderPurpose
  /// Buy or sell.
  public var side: Side
  /// How.
  public var kind: OrderKind
  /// Base units, a whole number of steps; zero when the order closes whatever is held.
  public var quantity: Quantity
  /// Limit price or stop trigger, a whole number of ticks; zero for a market order.
  public var price: Price
  /// Whether the order ends the whole position, however large it is when the order fills.
  public var closesPosition: Bool
  /// The exits an opening order brings with it; `.none` for one that reduces.
  public var protection: Protection

  /// Gathers the parts.
  public init(
    market: Int, purpose: OrderPurpose, side: Side, kind: OrderKind, quantity: Quantity,
    price: Price = .zero, closesPosition: Bool = false, protection: Protection = .none
  ) {
    self.market = market
    self.purpose = purpose
    self.side = side
    self.kind = kind
    self.quantity = quantity
    self.price = price
    self.closesPosition = closesPosition
    self.protection = protection
  }

  /// An order at the market that ends the whole position.
  public static func close(market: Int, side: Side, purpose: OrderPurpose) -> OrderIntent {
    OrderIntent(
      market: market, purpose: purpose, side: side, kind: .market, quantity: .zero, closesPosition: true)
  }
}

/// Where the exits of a position lie, as fractions of its entry price.
public struct Protection: Equatable, Sendable {
  /// Distance of the stop.
  public var stopLoss: Rate
  /// Distance of the take profit.
  public var takeProfit: Rate

  /// Gathers the distances.
  public init(stopLoss: Rate, takeProfit: Rate) {
    self.stopLoss = stopLoss
    self.takeProfit = takeProfit
  }

  /// No exits.
  public static var none: Protection { Protection(stopLoss: .zero, takeProfit: .zero) }
}
