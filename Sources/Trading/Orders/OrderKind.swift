/// How an order meets the market.
public enum OrderKind: UInt8, Sendable, CaseIterable {
  /// Fills at once at the price there is.
  case market = 0
  /// Rests in the book and fills at its price.
  case limit = 1
  /// Becomes a market order when its trigger is touched.
  case stopMarket = 2

  /// `MARKET`, `LIMIT` or `STOP_MARKET`.
  public var name: String {
    switch self {
    case .market: return "MARKET"
    case .limit: return "LIMIT"
    case .stopMarket: return "STOP_MARKET"
    }
  }
}
