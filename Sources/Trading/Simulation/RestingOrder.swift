import Market
import Orders
import Risk

/// An order that the simulated venue holds.
struct RestingOrder: Equatable, Sendable {
  /// The order as risk approved it.
  let order: ApprovedOrder
  /// Left to execute; meaningless for an order that closes the position.
  var remaining: Quantity
  /// Open time of the first candle that it acts in.
  var activeFrom: Int64
  /// Open time of the first candle in which the request to cancel it has effect; out of reach when there is none.
  var cancelFrom = Int64.max
  /// A stop that was touched: a market order from then on.
  var isTriggered = false
  /// A limit order that the market lies beyond: it executes at once.
  var isCrossed = false
  /// Sent after something was executed inside the candle, so that the candle's extremes may lie before it.
  var isLate = false
  /// Withdrawn by a liquidation, but not yet reported.
  var isWithdrawn = false

  init(_ order: ApprovedOrder, activeFrom: Int64) {
    self.order = order
    self.activeFrom = activeFrom
    remaining = order.intent.quantity
  }

  var intent: OrderIntent { order.intent }

  var opens: Bool { order.intent.purpose.opens }

  /// Whether it executes at whatever price there is.
  var isAtMarket: Bool { intent.kind == .market || isTriggered }

  /// Whether a stop's trigger or a limit's price is reached by a price: at it or beyond it.
  func isReached(by price: Price) -> Bool {
    let isBelow = (intent.kind == .stopMarket) == (intent.side == .sell)
    return isBelow ? price <= intent.price : price >= intent.price
  }
}
