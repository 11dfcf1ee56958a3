import Market

/// What an order does: buy or sell the base asset.
public enum Side: UInt8, Sendable, CaseIterable {
  /// Buys: opens or adds to a long, reduces a short.
  case buy = 0
  /// Sells: opens or adds to a short, reduces a long.
  case sell = 1

  /// `BUY` or `SELL`.
  public var name: String { self == .buy ? "BUY" : "SELL" }

  /// The other side.
  public var opposite: Side { self == .buy ? .sell : .buy }

  /// +1 for a purchase, −1 for a sale: what it does to a signed quantity.
  public var sign: Int64 { self == .buy ? 1 : -1 }

  /// The side that opens a position in a direction; nil for NEUTRAL.
  public init?(opening direction: Direction) {
    switch direction {
    case .long: self = .buy
    case .short: self = .sell
    case .neutral: return nil
    }
  }
}
