import Accounts
import Diagnostics
import Execution
import Market
import Orders

extension SimulatedVenue.Liquidity {
  /// The fee it names.
  var ofFill: Fill.Liquidity { self == .maker ? .maker : .taker }
}

extension SimulatedVenue {
  /// Executes an order at the price there is, worse by the slippage: a market order, a triggered stop, or a limit order
  /// that the market lies beyond.
  mutating func executeAtMarket(_ index: Int) throws(TernError) -> VenueEvent? {
    let resting = books[current].orders[index]
    let (side, limit) = (resting.intent.side, resting.intent.price)
    let met = books[current].price
    let slippage = resting.intent.kind == .stopMarket ? configuration.stopSlippage : configuration.slippage
    let price = try books[current].slipped(met, side, slippage)
    guard resting.isCrossed else { return try execute(index, at: price, liquidity: .taker, meeting: met) }
    // One that has rested was in the book when the market passed it, and is filled at its price.
    let hasRested = resting.activeFrom < books[current].openTime
    return try execute(
      index, at: hasRested ? limit : side == .buy ? min(price, limit) : max(price, limit),
      liquidity: hasRested ? .maker : .taker, meeting: met)
  }

  /// Executes as much of an order as the position and the candle's volume allow.
  /// - Parameter met: The price in the market; nil when it stays.
  /// - Returns: The event; nil when the candle has nothing left to take.
  mutating func execute(
    _ index: Int, at price: Price, liquidity: Fill.Liquidity, meeting met: Price?
  ) throws(TernError) -> VenueEvent? {
    let resting = books[current].orders[index]
    let intent = resting.intent
    let position = account.positions[current]
    var wanted = resting.remaining
    if resting.opens {
      if position.closingSide == intent.side { return cancelled(index, .oppositePosition) }
    } else {
      guard position.closingSide == intent.side else { return cancelled(index, .nothingToClose) }
      wanted = intent.closesPosition ? position.size : min(wanted, position.size)
    }
    let quantity = min(wanted, books[current].budget)
    guard quantity > .zero else {
      carry(index)
      return nil
    }
    let fill = Fill(
      order: resting.order.identifier, market: current, time: books[current].now, side: intent.side,
      price: price, quantity: quantity, fee: try books[current].terms.fee(price, quantity, liquidity),
      liquidity: liquidity)
    let left = intent.closesPosition ? try position.size - quantity : try resting.remaining - quantity
    let isUnlimited = books[current].budget.units == .max
    let budget = isUnlimited ? books[current].budget : try books[current].budget - quantity
    try book(fill)
    books[current].budget = budget
    if let met { books[current].price = met }
    if left == .zero {
      books[current].orders.remove(at: index)
    } else if !resting.opens, account.positions[current].isFlat {
      emit(cancelled(index, .nothingToClose))
    } else {
      books[current].orders[index].remaining = left
      carry(index)
    }
    return .filled(fill, remaining: left)
  }

  /// Leaves an order, or its rest, to the next candle: at the market at its open, else in the book.
  private mutating func carry(_ index: Int) {
    books[current].orders[index].isCrossed = false
    if books[current].orders[index].isAtMarket {
      books[current].orders[index].activeFrom = books[current].closeTime
    }
  }

  /// Books an execution; nothing changes when that throws.
  private mutating func book(_ fill: Fill) throws(TernError) {
    let wasFlat = account.positions[current].isFlat
    _ = try account.apply(fill)
    let terms = books[current].terms
    books[current].liquidationPrice = try account.positions[current].liquidationPrice(
      leverage: terms.leverage, maintenanceMargin: terms.maintenanceMargin)
    if wasFlat, phase == .inside, books[current].isInside { books[current].openedInside = true }
  }

  /// Lets the exchange take the position over.
  /// - Parameter met: The price that was reached.
  mutating func liquidate(at met: Price) throws(TernError) -> VenueEvent {
    let terms = books[current].terms
    let position = account.positions[current]
    let isLong = position.quantity.units > 0
    let tick = terms.rules.tickSize
    let margin = try position.margin(leverage: terms.leverage)
    let last = try bankruptcyPrice(position, margin).rounded(to: tick, isLong ? .up : .down)
    let worse = try met.rounded(to: tick, isLong ? .down : .up)
    let price = max(tick, isLong ? max(worse, last) : min(worse, last))
    let result = try position.unrealised(at: price)
    let left = max(.zero, try margin + result)
    let fee = min(left, try terms.fee(price, position.size, .liquidation))
    let fill = Fill(
      order: OrderIdentifier(0), market: current, time: books[current].now,
      side: isLong ? .sell : .buy, price: price, quantity: position.size, fee: fee, liquidity: .liquidation)
    try book(fill)
    books[current].price = met
    for index in books[current].orders.indices { books[current].orders[index].isWithdrawn = true }
    books[current].isWithdrawing = true
    return .liquidated(fill)
  }

  /// The price at which the margin is lost, rounded to where less is lost.
  private func bankruptcyPrice(_ position: Position, _ margin: Money) throws(TernError) -> Price {
    let isLong = position.quantity.units > 0
    let value = isLong ? try position.entryNotional - margin : try position.entryNotional + margin
    let exact = Int128(max(0, value.units)) * Int128(Price.scale)
    let size = Int128(position.size.units)
    let quotient = isLong ? (exact + size - 1) / size : exact / size
    guard let units = Int64(exactly: quotient) else {
      throw TernError(.data, "a bankruptcy price overflows", found: position.entryPrice.description)
    }
    return Price(units: units)
  }
}
