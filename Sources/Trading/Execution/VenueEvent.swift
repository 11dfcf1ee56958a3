import Market
import Orders

/// Something that happened at a venue. Times are milliseconds since the epoch, UTC.
public enum VenueEvent: Equatable, Sendable {
  /// The venue holds the order.
  case accepted(OrderIdentifier, time: Int64)
  /// The venue refused the order, or (`unknownOrder`) the request to cancel it.
  case rejected(OrderIdentifier, time: Int64, RejectionCode)
  /// A part of an order, or all of it, was executed; `remaining` is what is left of the order, for one that closes the
  /// position what is left of the position.
  case filled(Fill, remaining: Quantity)
  /// What was left of the order is gone.
  case cancelled(OrderIdentifier, time: Int64, CancelCode)
  /// A funding settlement met a position: a long pays `rate × price × quantity`, a short receives it.
  case funding(market: Int, time: Int64, rate: Rate, price: Price)
  /// The exchange took the whole position over.
  case liquidated(Fill)

  /// The order it is about; nil for funding and liquidation, which nobody ordered.
  public var order: OrderIdentifier? {
    switch self {
    case .accepted(let order, _), .rejected(let order, _, _), .cancelled(let order, _, _): return order
    case .filled(let fill, _): return fill.order
    case .funding, .liquidated: return nil
    }
  }

  /// When it happened, milliseconds.
  public var time: Int64 {
    switch self {
    case .accepted(_, let time), .rejected(_, let time, _), .cancelled(_, let time, _): return time
    case .filled(let fill, _), .liquidated(let fill): return fill.time
    case .funding(_, let time, _, _): return time
    }
  }
}

/// Why a venue refused.
public enum RejectionCode: UInt8, Sendable, CaseIterable {
  /// The market is not traded there.
  case unknownMarket = 0
  /// An order with the same number is or was there.
  case duplicateIdentifier = 1
  /// The quantity is not a positive whole number of steps, or an order that closes the position names one.
  case invalidQuantity = 2
  /// The price is not a positive whole number of ticks, or a market order names one.
  case invalidPrice = 3
  /// An order that opens asks to close the position.
  case invalidPurpose = 4
  /// The notional of an order that opens is below the exchange's least.
  case belowMinimumNotional = 5
  /// As many orders are open as the venue allows.
  case tooManyOrders = 6
  /// The order to be cancelled is not (or no longer) there.
  case unknownOrder = 7

  /// `UNKNOWN_MARKET`, `DUPLICATE_IDENTIFIER`, ….
  public var name: String {
    switch self {
    case .unknownMarket: return "UNKNOWN_MARKET"
    case .duplicateIdentifier: return "DUPLICATE_IDENTIFIER"
    case .invalidQuantity: return "INVALID_QUANTITY"
    case .invalidPrice: return "INVALID_PRICE"
    case .invalidPurpose: return "INVALID_PURPOSE"
    case .belowMinimumNotional: return "BELOW_MINIMUM_NOTIONAL"
    case .tooManyOrders: return "TOO_MANY_ORDERS"
    case .unknownOrder: return "UNKNOWN_ORDER"
    }
  }
}

/// Why what was left of an order is gone.
public enum CancelCode: UInt8, Sendable, CaseIterable {
  /// It was asked for.
  case requested = 0
  /// The candle it was meant for is missing.
  case expired = 1
  /// It only reduces, and there is no position (left) that it reduces.
  case nothingToClose = 2
  /// It opens, and a position of the other side is held.
  case oppositePosition = 3
  /// The exchange took the market's position over and withdrew every order.
  case liquidation = 4

  /// `REQUESTED`, `EXPIRED`, ….
  public var name: String {
    switch self {
    case .requested: return "REQUESTED"
    case .expired: return "EXPIRED"
    case .nothingToClose: return "NOTHING_TO_CLOSE"
    case .oppositePosition: return "OPPOSITE_POSITION"
    case .liquidation: return "LIQUIDATION"
    }
  }
}
