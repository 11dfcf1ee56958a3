import Chronology
import Market
import Orders

@testable import Accounts
@testable import Risk

/// The limits and states written down a second time, plainly, to judge what risk did.
struct NaiveRules {
  let limits: RiskLimits
  let terms: [MarketTerms]
  var day: Int64
  var dayStart: Money
  var seen: Money
  var peak: Money
  var trades = 0
  var losses = 0
  var dayHalt = false
  var personHalt = false
  var isShutDown = false
  var held: Set<Int> = []
  var underWay: [Int: (order: ApprovedOrder, left: Quantity, price: Price)] = [:]

  init(_ book: RandomBook) {
    limits = book.limits
    terms = book.terms
    day = book.time / Timestamp.day
    dayStart = book.risk.status.dayStartEquity
    (seen, peak) = (dayStart, dayStart)
  }

  mutating func roll(_ time: Int64, _ account: Account) {
    guard time / Timestamp.day > day else { return }
    day = time / Timestamp.day
    dayStart = time % Timestamp.day == 0 ? account.equity : seen
    (trades, losses, dayHalt) = (0, 0, false)
  }

  mutating func mark(_ time: Int64, _ account: Account) {
    roll(time, account)
    seen = account.equity
    if seen > peak { peak = seen }
    func lost(_ start: Money, _ limit: Rate) -> Bool {
      Int128(start.units - seen.units) * 100_000_000 >= Int128(start.units) * Int128(limit.units)
    }
    if lost(dayStart, limits.maximumDailyLoss) { dayHalt = true }
    if lost(peak, limits.maximumDrawdown) || seen.units <= 0 { isShutDown = true }
  }

  mutating func end(_ trade: ClosedTrade) {
    if trade.profit.units > 0 { losses = 0 }
    if trade.profit.units < 0 { losses += 1 }
    if losses >= limits.maximumConsecutiveLosses { dayHalt = true }
  }

  /// The state without volatility.
  var state: RiskState { isShutDown ? .shutdown : dayHalt || personHalt ? .halted : .active }

  /// What an approved opening breaks; nil for nothing. The order is executed on a copy of the account at the worst
  /// prices assumed, and the position's limits are read off that copy.
  func broken(
    by order: ApprovedOrder, _ account: Account, _ prices: [Price], volatile: Bool
  ) throws -> String? {
    let intent = order.intent
    if state != .active || volatile { return "opened while \(state.name)" }
    if held.contains(intent.market) { return "data hold" }
    let rules = terms[intent.market].rules
    if intent.quantity.units <= 0 || !intent.quantity.isMultiple(of: rules.stepSize) { return "step" }
    if intent.kind != .market, !intent.price.isMultiple(of: rules.tickSize) || intent.price.units <= 0 {
      return "tick"
    }
    if intent.protection.stopLoss.units <= 0 || intent.protection.stopLoss > limits.maximumStopLoss {
      return "stop"
    }
    if intent.protection.takeProfit.units <= 0 || intent.protection.takeProfit > limits.maximumTakeProfit {
      return "target"
    }
    if terms[intent.market].leverage > limits.maximumLeverage { return "leverage" }
    if let closing = account.positions[intent.market].closingSide, closing == intent.side { return "side" }
    if underWay[intent.market] != nil { return "two at a time" }
    let coming = underWay.keys.filter { account.positions[$0].isFlat }.count
    if account.positions[intent.market].isFlat {
      if trades + coming + 1 > limits.maximumDailyTrades { return "trades" }
      if account.openPositions + coming + 1 > limits.maximumOpenPositions { return "positions" }
    }
    // Openings under way in other markets: what they put up and what they cost, at their worst.
    var othersMargin = Int128(0)
    var othersCost = Int128(0)
    for market in terms.indices where market != intent.market {
      let position = account.positions[market]
      var notional = max(position.entryNotional, try Money(price: position.mark, quantity: position.size))
      if let open = underWay[market] {
        let worst = try fillPrices(open.order.intent, last: open.price)
        let coming = try Money(price: worst[1], quantity: open.left, .up)
        notional = try notional + coming
        let away =
          open.order.intent.side == .buy
          ? worst[1].units - open.price.units : open.price.units - worst[0].units
        let lost = try Money(price: Price(units: max(0, away)), quantity: open.left, .up)
        othersCost += Int128(try (lost + fee(open.order.intent, coming)).units)
      }
      let margin = try Position.margin(notional: notional, leverage: terms[market].leverage)
      othersMargin += Int128(margin.units)
    }
    for price in try fillPrices(intent, last: prices[intent.market]) {
      if try Money(price: price, quantity: intent.quantity) < rules.minNotional { return "least notional" }
      var after = account
      let notional = try Money(price: price, quantity: intent.quantity, .up)
      _ = try after.apply(
        Fill(
          order: order.identifier, market: intent.market, time: 1, side: intent.side, price: price,
          quantity: intent.quantity, fee: try fee(intent, notional), liquidity: .taker))
      // Valued at the last close, but a better price than that is not counted as a gain.
      let last = prices[intent.market]
      try after.mark(market: intent.market, price: last)
      let gain = max(0, intent.side.sign * (last.units - price.units))
      let better = try Money(price: Price(units: gain), quantity: intent.quantity)
      // The account rounds a position's value and its cost to 1e-8 each, before and after.
      let equity = Int128(try (after.equity - better).units) - othersCost + 4
      let worth =
        try Money(price: last, quantity: account.positions[intent.market].size)
        + Money(price: price, quantity: intent.quantity)
      let own = Int128(
        try Position.margin(
          notional: max(after.positions[intent.market].entryNotional, worth),
          leverage: terms[intent.market].leverage
        ).units)
      if own * 100_000_000 > Int128(limits.maximumMargin.units) * equity {
        return "margin \(own) of \(equity)"
      }
      if (own + othersMargin) * 100_000_000 > Int128(limits.maximumAccountMargin.units) * equity {
        return "account margin \(own) and \(othersMargin) of \(equity)"
      }
    }
    return nil
  }

  /// The cheapest and the dearest price an opening may fill at.
  func fillPrices(_ intent: OrderIntent, last: Price) throws -> [Price] {
    let tick = terms[intent.market].rules.tickSize
    let allowance = limits.slippageAllowance.units
    let reference = intent.kind == .market ? last : intent.price
    var low = try min(last, reference).multiplied(by: Rate(units: 100_000_000 - allowance), .down)
      .rounded(to: tick, .down)
    var high = try max(last, reference).multiplied(by: Rate(units: 100_000_000 + allowance), .up)
      .rounded(to: tick, .up)
    if intent.kind == .limit {
      if intent.side == .buy { high = max(last, intent.price) } else { low = intent.price }
    }
    return [low, high]
  }

  private func fee(_ intent: OrderIntent, _ notional: Money) throws -> Money {
    try notional.multiplied(
      by: max(terms[intent.market].takerFee, terms[intent.market].makerFee, .zero), .up)
  }
}
