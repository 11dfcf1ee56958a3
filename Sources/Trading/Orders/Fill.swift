import Market

/// An execution: what was traded, at which price, for which fee.
public struct Fill: Equatable, Sendable {
  /// Which fee an execution pays.
  public enum Liquidity: UInt8, Sendable, CaseIterable {
    /// The order rested in the book.
    case maker = 0
    /// The order took from the book.
    case taker = 1
    /// The exchange took the position over.
    case liquidation = 2
  }

  /// The order; number zero for a liquidation, which nobody ordered.
  public var order: OrderIdentifier
  /// Index of the market among the session's markets.
  public var market: Int
  /// When, milliseconds since the epoch, UTC.
  public var time: Int64
  /// Buy or sell.
  public var side: Side
  /// Price of the execution.
  public var price: Price
  /// Base units, above zero.
  public var quantity: Quantity
  /// What it costs; negative for a rebate.
  public var fee: Money
  /// Which fee it pays.
  public var liquidity: Liquidity

  /// Gathers the parts.
  public init(
    order: OrderIdentifier, market: Int, time: Int64, side: Side, price: Price, quantity: Quantity,
    fee: Money, liquidity: Liquidity
  ) {
    self.order = order
    self.market = market
    self.time = time
    self.side = side
    self.price = price
    self.quantity = quantity
    self.fee = fee
    self.liquidity = liquidity
  }
}
