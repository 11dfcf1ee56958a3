import Accounts
import Market
import Orders

extension RiskManager {
  /// Why an order's price cannot be: a market order has none, any other a positive whole number of ticks.
  func priceRefusal(_ intent: OrderIntent) -> RiskReason? {
    switch intent.kind {
    case .market: return intent.price == .zero ? nil : .badPrice
    case .limit, .stopMarket:
      return intent.price > .zero && intent.price.units % terms[intent.market].tick == 0 ? nil : .badPrice
    }
  }

  /// Why nothing can be opened in a market on a side, whatever the size.
  func openingRefusal(_ intent: OrderIntent, account: Account, price: Price) -> RiskReason? {
    switch state {
    case .active: break
    case .reducing: return .openingWhileReducing
    case .halted: return .openingWhileHalted
    case .shutdown: return .openingWhileShutdown
    }
    if holds[intent.market] { return .dataHold }
    if price <= .zero { return .noPrice }
    if account.equity <= .zero { return .insufficientEquity }
    let position = account.positions[intent.market]
    if position.closingSide == intent.side { return .wrongSide }
    if pending[intent.market].order != 0 { return .openingPending }
    if terms[intent.market].leverage > limits.maximumLeverage.units { return .leverageLimit }
    guard position.isFlat else { return nil }
    var trades = dailyTrades
    var positions = 0
    for market in terms.indices where market != intent.market {
      let isOpening = pending[market].opensPosition
      if isOpening { trades += 1 }
      if isOpening || !account.positions[market].isFlat { positions += 1 }
    }
    if trades >= limits.maximumDailyTrades { return .dailyTrades }
    if positions >= limits.maximumOpenPositions { return .openPositions }
    return nil
  }

  /// Why an opening's exits cannot be.
  func protectionRefusal(_ protection: Protection) -> RiskReason? {
    if protection.stopLoss <= .zero { return .stopMissing }
    if protection.stopLoss > limits.maximumStopLoss { return .stopTooFar }
    if protection.takeProfit <= .zero { return .takeProfitMissing }
    if protection.takeProfit > limits.maximumTakeProfit { return .takeProfitTooFar }
    return nil
  }

  /// The limits on an opening's size; nil when its prices are beyond range.
  ///
  /// An order at the market, or one that becomes one, fills within the slippage allowance of the last close and of its
  /// trigger, on either side: the next price may be dearer for a sale as well. A limit order fills no worse than at
  /// its limit.
  func openingSize(_ intent: OrderIntent, account: Account, price: Price) -> OpeningSize? {
    let terms = terms[intent.market]
    let allowance = limits.slippageAllowance.units
    let order = intent.kind == .market ? price : intent.price
    var highest = above(max(price, order).units, allowance, terms.tick)
    var lowest = below(min(price, order).units, allowance, terms.tick)
    if intent.kind == .limit {
      if intent.side == .buy { highest = Int128(order.units) } else { lowest = Int128(order.units) }
    }
    guard let highest = Int64(exactly: highest), let lowest = Int64(exactly: lowest) else { return nil }
    let away = intent.side == .buy ? highest - price.units : price.units - lowest
    let held = max(
      Int128(account.positions[intent.market].entryNotional.units),
      OpeningSize.product(price.units, account.positions[intent.market].size.units))
    return OpeningSize(
      highest: highest, lowest: lowest, loss: max(away, 0), terms: terms, limits: limits,
      equity: account.equity.units, held: min(held, Int128(UInt64.max)),
      others: exposure(besides: intent.market, account: account))
  }

  /// Where an exit's price must be moved to, and why; nil when it is within the limits.
  ///
  /// Both limits are fractions of the average entry price, rounded to a tick on the inner side.
  func exitLimit(_ intent: OrderIntent, position: Position) -> (Price, RiskReason)? {
    guard intent.kind != .market else { return nil }
    let tick = terms[intent.market].tick
    let entry = position.entryPrice.units
    let isStop = intent.kind == .stopMarket
    let distance = isStop ? limits.maximumStopLoss.units : limits.maximumTakeProfit.units
    // A long's stop and a short's target lie below the entry.
    let liesBelow = isStop == (intent.side == .sell)
    let scale = Int128(Rate.scale)
    let bound: Int128
    if liesBelow {
      bound = roundUp(Int128(entry) * (scale - Int128(distance)), scale, tick)
      guard Int128(intent.price.units) < bound else { return nil }
    } else {
      bound = Int128(entry) * (scale + Int128(distance)) / scale / Int128(tick) * Int128(tick)
      guard Int128(intent.price.units) > bound else { return nil }
    }
    // A bound that is no price of this market cannot be kept; the exit matters more.
    guard bound > 0, let units = Int64(exactly: bound) else { return nil }
    return (Price(units: units), isStop ? .stopTooFar : .takeProfitTooFar)
  }

  /// What all other markets carry, with openings under way as if they had filled.
  private func exposure(besides market: Int, account: Account) -> OpeningSize.Exposure {
    var sum = OpeningSize.Exposure()
    for index in terms.indices where index != market {
      let size = account.positions[index].size.units
      var notional = Int128(0)
      if size != 0 {
        notional = max(
          Int128(account.positions[index].entryNotional.units),
          OpeningSize.product(account.positions[index].mark.units, size))
      }
      if pending[index].order != 0 {
        let coming = OpeningSize.product(pending[index].highest, pending[index].remaining)
        notional += coming
        sum.cost +=
          OpeningSize.product(pending[index].loss, pending[index].remaining)
          + OpeningSize.share(coming, terms[index].fee)
      }
      guard notional > 0 else { continue }
      notional = min(notional, Int128(UInt64.max))
      sum.notional += notional
      sum.margin += OpeningSize.margin(notional, leverage: terms[index].leverage)
    }
    return sum
  }

  private func above(_ price: Int64, _ fraction: Int64, _ tick: Int64) -> Int128 {
    roundUp(Int128(price) * Int128(Rate.scale + fraction), Int128(Rate.scale), tick)
  }

  private func below(_ price: Int64, _ fraction: Int64, _ tick: Int64) -> Int128 {
    Int128(price) * Int128(Rate.scale - fraction) / Int128(Rate.scale) / Int128(tick) * Int128(tick)
  }

  /// The smallest whole number of ticks that is at least `numerator / denominator`, both positive.
  private func roundUp(_ numerator: Int128, _ denominator: Int128, _ tick: Int64) -> Int128 {
    let quotient = (numerator + denominator - 1) / denominator
    return (quotient + Int128(tick) - 1) / Int128(tick) * Int128(tick)
  }
}
