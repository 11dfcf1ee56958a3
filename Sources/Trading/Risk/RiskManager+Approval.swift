import Accounts
import Market
import Orders

extension RiskManager {
  /// Judges an intent; the only way to an `ApprovedOrder`.
  ///
  /// An opening order (`ENTRY`, `ADD`) is allowed in state ACTIVE when the market's data is sound, it brings a stop and
  /// a take profit within their limits, and counts and sizes stay within theirs for the position as it would fill; one
  /// that is too large is cut to what is allowed. Whether it opens a position or enlarges one is told by what is held,
  /// not by its purpose. Any other order only ever reduces and is allowed in every state as long as it fits what is
  /// held: one that asks for more is cut, a stop or target beyond its limit is moved in to the limit.
  /// - Parameters:
  ///   - intent: What is wanted.
  ///   - account: The account with its latest marks.
  ///   - price: The market's last close.
  ///   - time: When it is asked, milliseconds since the epoch, UTC.
  public mutating func approve(
    _ intent: OrderIntent, account: Account, price: Price, at time: Int64
  ) -> RiskVerdict {
    advance(to: time, account: account)
    guard terms.indices.contains(intent.market), account.positions.count == terms.count else {
      return .rejected(.unknownMarket)
    }
    if let reason = priceRefusal(intent) { return .rejected(reason) }
    if intent.purpose.opens { return approveOpening(intent, account: account, price: price, at: time) }
    return approveReduction(intent, position: account.positions[intent.market], at: time)
  }

  /// How much may still be opened: the largest quantity that `approve` would let through now, as asked for, for an
  /// order at the market with permitted exits, and what stands against one step more.
  public func headroom(market: Int, direction: Direction, account: Account, price: Price) -> Headroom {
    guard terms.indices.contains(market), account.positions.count == terms.count else {
      return .none(.unknownMarket)
    }
    guard let side = Side(opening: direction) else { return .none(.badOrder) }
    let intent = OrderIntent(
      market: market, purpose: .entry, side: side, kind: .market, quantity: Quantity(units: terms[market].step))
    if let reason = openingRefusal(intent, account: account, price: price) { return .none(reason) }
    guard let size = openingSize(intent, account: account, price: price) else { return .none(.badPrice) }
    let quantity = size.largest(upTo: size.bound)
    let (next, overflow) = quantity.addingReportingOverflow(terms[market].step)
    let reason = overflow ? .marginLimit : size.refusal(next) ?? .marginLimit
    guard quantity > 0 else { return .none(reason) }
    guard size.reachesMinimum(quantity) else { return .none(.belowMinimumNotional) }
    let notional = OpeningSize.product(size.highest, quantity)
    return Headroom(
      quantity: Quantity(units: quantity), notional: Money(units: Int64(clamping: notional)),
      margin: Money(
        units: Int64(clamping: OpeningSize.margin(notional, leverage: terms[market].leverage))),
      reason: reason)
  }

  private mutating func approveOpening(
    _ intent: OrderIntent, account: Account, price: Price, at time: Int64
  ) -> RiskVerdict {
    if let reason = openingRefusal(intent, account: account, price: price) { return .rejected(reason) }
    if let reason = protectionRefusal(intent.protection) { return .rejected(reason) }
    guard !intent.closesPosition else { return .rejected(.badOrder) }
    let terms = terms[intent.market]
    let asked = intent.quantity.units
    guard asked > 0, asked % terms.step == 0 else { return .rejected(.badQuantity) }
    guard let size = openingSize(intent, account: account, price: price) else { return .rejected(.badPrice) }
    guard size.reachesMinimum(asked) else { return .rejected(.belowMinimumNotional) }
    var cut: RiskReason?
    var quantity = asked
    if let reason = size.refusal(asked) {
      quantity = size.largest(upTo: min(asked, size.bound))
      cut = size.refusal(quantity + terms.step) ?? reason
      guard quantity > 0 else { return .rejected(cut ?? reason) }
      guard size.reachesMinimum(quantity) else { return .rejected(.belowMinimumNotional) }
    }
    var allowed = intent
    allowed.quantity = Quantity(units: quantity)
    let order = makeOrder(allowed, at: time)
    pending[intent.market] = PendingOpening(
      order: order.identifier.number, remaining: quantity, highest: size.highest, loss: size.loss,
      opensPosition: account.positions[intent.market].isFlat)
    if let cut { return .reduced(order, cut) }
    return .approved(order)
  }

  private mutating func approveReduction(
    _ intent: OrderIntent, position: Position, at time: Int64
  ) -> RiskVerdict {
    guard let closing = position.closingSide else { return .rejected(.nothingToReduce) }
    guard intent.side == closing else { return .rejected(.wrongSide) }
    var allowed = intent
    var cut: RiskReason?
    if intent.closesPosition {
      guard intent.quantity == .zero else { return .rejected(.badQuantity) }
    } else {
      let asked = intent.quantity.units
      guard asked > 0 else { return .rejected(.badQuantity) }
      if intent.quantity > position.size {
        allowed.quantity = position.size
        cut = .moreThanHeld
      } else if intent.quantity < position.size, asked % terms[intent.market].step != 0 {
        return .rejected(.badQuantity)
      }
    }
    if let (price, reason) = exitLimit(intent, position: position) {
      allowed.price = price
      cut = reason
    }
    let order = makeOrder(allowed, at: time)
    if let cut { return .reduced(order, cut) }
    return .approved(order)
  }

  private mutating func makeOrder(_ intent: OrderIntent, at time: Int64) -> ApprovedOrder {
    approvedOrders += 1
    return ApprovedOrder(identifier: OrderIdentifier(approvedOrders), intent: intent, time: time)
  }
}
