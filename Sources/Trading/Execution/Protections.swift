import Accounts
import Diagnostics
import Market
import Orders

/// Keeps the exits of every position at the venue: a stop and a take profit, of which one cancels the other.
///
/// It knows where the exits should lie and compares that with the orders that are open; `proposal` names the next step
/// from one to the other, and the caller sends it through risk and asks again, until there is nothing to do.
///
/// - An execution that opens or enlarges a position sets the exits by the order's `protection`: at fractions of the
///   execution's price for the first, of the average entry price after further ones. The take profit is taken
///   anew; the stop only if that tightens it. The orders close the position whatever its size, so that partial
///   executions need no new ones.
/// - A stop is only ever tightened: raised for a long, lowered for a short.
/// - A replaced exit is withdrawn only after the venue has accepted the new one, so that the position is never without.
/// - When the position ends, every order that only reduces it is withdrawn.
/// - When its stop is refused `patience` times in a row, the position is closed at the market: it must not stay open
///   unprotected.
public struct Protections: Equatable, Sendable {
  /// The next step.
  public enum Proposal: Equatable, Sendable {
    /// An order to send.
    case submit(OrderIntent)
    /// An order to withdraw.
    case cancel(OrderIdentifier)
  }

  /// Refusals in a row after which an exit is given up.
  public static let patience = 3

  private struct Keeper: Equatable, Sendable {
    var prices = ExitPrices()
    var isLong = true
    var isHeld = false
    var stopRefusals = 0
    var takeProfitRefusals = 0
    var closeRefusals = 0
  }

  private let ticks: [Price]
  private var keepers: [Keeper]

  /// A keeper for a session's markets.
  public init(_ terms: [MarketTerms]) {
    ticks = terms.map(\.rules.tickSize)
    keepers = Array(repeating: Keeper(), count: terms.count)
  }

  /// Where a market's exits should lie; none when nothing is held.
  public func exits(market: Int) -> ExitPrices { keepers[market].prices }

  /// Whether a stop was given up, so that the position is being closed.
  public func isUnprotected(market: Int) -> Bool { keepers[market].stopRefusals >= Self.patience }

  /// Takes in an execution, after it was booked.
  /// - Parameters:
  ///   - fill: What was executed, or the liquidation.
  ///   - intent: What the order was wanted for; nil for a liquidation.
  ///   - position: The market's position after it.
  /// - Throws: `TernError` of kind `data` on overflow.
  public mutating func observe(
    _ fill: Fill, of intent: OrderIntent?, position: Position
  ) throws(TernError) {
    guard !position.isFlat else {
      keepers[fill.market] = Keeper()
      return
    }
    guard let intent, intent.purpose.opens else { return }
    let isLong = position.quantity.units > 0
    // The average is rounded to 1e-8, which the price of a single execution must not suffer from.
    let entry = position.openings == 1 ? fill.price : position.entryPrice
    let wanted = try ExitPrices(
      entry: entry, isLong: isLong, protection: intent.protection, tick: ticks[fill.market])
    var keeper = keepers[fill.market]
    if !keeper.isHeld {
      keeper = Keeper(prices: wanted, isLong: isLong, isHeld: true)
    } else {
      keeper.prices.takeProfit = wanted.takeProfit ?? keeper.prices.takeProfit
      if let stop = wanted.stop, Self.tightens(stop, keeper) { keeper.prices.stop = stop }
    }
    keepers[fill.market] = keeper
  }

  /// Moves a position's stop, which is done only if that tightens it.
  /// - Parameter price: The new trigger; put on the next tick away from the market.
  /// - Returns: Whether the stop moved.
  /// - Throws: `TernError` of kind `data` on overflow.
  public mutating func moveStop(market: Int, to price: Price) throws(TernError) -> Bool {
    let keeper = keepers[market]
    guard keeper.isHeld else { return false }
    let tick = ticks[market]
    let stop = try price.rounded(to: tick, keeper.isLong ? .down : .up)
    guard stop >= tick, Self.tightens(stop, keeper) else { return false }
    keepers[market].prices.stop = stop
    return true
  }

  /// Takes in that the venue or risk refused an order that was proposed.
  public mutating func refused(_ intent: OrderIntent) {
    switch intent.purpose {
    case .protectiveStop: keepers[intent.market].stopRefusals += 1
    case .takeProfit: keepers[intent.market].takeProfitRefusals += 1
    case .emergencyExit: keepers[intent.market].closeRefusals += 1
    default: break
    }
  }

  /// Takes in that the venue accepted an order that was proposed.
  public mutating func accepted(_ intent: OrderIntent) {
    switch intent.purpose {
    case .protectiveStop: keepers[intent.market].stopRefusals = 0
    case .takeProfit: keepers[intent.market].takeProfitRefusals = 0
    default: break
    }
  }

  /// Lets a new candle give refused exits another try.
  public mutating func renewPatience(market: Int) {
    keepers[market].takeProfitRefusals = 0
    keepers[market].closeRefusals = 0
  }

  /// The next step that a market's exits need; nil when they are as they should be or on their way.
  public func proposal(market: Int, position: Position, orders: OpenOrders) -> Proposal? {
    guard let side = position.closingSide else { return leftover(market, orders) }
    let keeper = keepers[market]
    guard keeper.isHeld else { return nil }
    if isUnprotected(market: market) { return emergency(market, side, orders, keeper) }
    if let price = keeper.prices.stop,
      let step = step(market, .protectiveStop, .stopMarket, side, price, orders, tries: keeper.stopRefusals)
    {
      return step
    }
    guard let price = keeper.prices.takeProfit else { return nil }
    return step(market, .takeProfit, .limit, side, price, orders, tries: keeper.takeProfitRefusals)
  }

  /// Brings one exit to its price: the new order first, the old ones away once it is accepted.
  private func step(
    _ market: Int, _ purpose: OrderPurpose, _ kind: OrderKind, _ side: Side, _ price: Price,
    _ orders: OpenOrders, tries: Int
  ) -> Proposal? {
    var current: OrderTicket?
    var stale: OrderTicket?
    var start = 0
    while let place = orders.place(market: market, purpose: purpose, from: start) {
      let ticket = orders[place]
      start = place + 1
      guard !ticket.isCancelling else { continue }
      // A stop that is being executed is left to finish.
      if purpose == .protectiveStop, ticket.state == .partiallyFilled { return nil }
      let isWanted = ticket.intent.price == price && ticket.intent.side == side
      if isWanted, current == nil { current = ticket } else { stale = stale ?? ticket }
    }
    guard let current else {
      guard tries < Self.patience else { return nil }
      return .submit(
        OrderIntent(
          market: market, purpose: purpose, side: side, kind: kind, quantity: .zero, price: price,
          closesPosition: true))
    }
    guard let stale, current.state != .pendingNew else { return nil }
    return .cancel(stale.order.identifier)
  }

  private func emergency(
    _ market: Int, _ side: Side, _ orders: OpenOrders, _ keeper: Keeper
  ) -> Proposal? {
    guard keeper.closeRefusals < Self.patience,
      orders.place(market: market, purpose: .emergencyExit) == nil
    else { return nil }
    return .submit(.close(market: market, side: side, purpose: .emergencyExit))
  }

  /// An order that is left over from a position that has ended.
  private func leftover(_ market: Int, _ orders: OpenOrders) -> Proposal? {
    var place = 0
    while place < orders.count {
      let ticket = orders[place]
      if ticket.intent.market == market, !ticket.intent.purpose.opens, !ticket.isCancelling,
        ticket.state != .pendingNew
      {
        return .cancel(ticket.order.identifier)
      }
      place += 1
    }
    return nil
  }

  private static func tightens(_ stop: Price, _ keeper: Keeper) -> Bool {
    guard let current = keeper.prices.stop else { return true }
    return keeper.isLong ? stop > current : stop < current
  }
}
