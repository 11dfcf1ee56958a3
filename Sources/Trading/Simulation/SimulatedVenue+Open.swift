import Diagnostics
import Execution
import Market
import Orders

extension SimulatedVenue {
  /// Goes one step through the current candle: an event, or nil when the phase went on without one.
  mutating func step() throws(TernError) -> VenueEvent? {
    if books[current].isWithdrawing { return withdrawAfterLiquidation() }
    switch phase {
    case .idle: return nil
    case .withdrawals: return withdrawAtOpen() ?? next(.fundingAtOpen)
    case .fundingAtOpen:
      return chargeFunding(upTo: books[current].openTime) ?? next(.liquidationAtOpen)
    case .liquidationAtOpen: return try liquidateAtOpen() ?? next(.stopsAtOpen)
    case .stopsAtOpen:
      guard let index = reducingReachedByOpen(.stopMarket) else { return next(.limitsAtOpen) }
      books[current].orders[index].isTriggered = true
      return try executeAtMarket(index)
    case .limitsAtOpen:
      guard let index = reducingReachedByOpen(.limit) else { return next(.openingsAtOpen) }
      return try executeLimitAtOpen(index)
    case .openingsAtOpen:
      markOpeningsReachedByOpen()
      return next(.ordersAtOpen)
    case .ordersAtOpen:
      guard let index = orderAtMarket() else { return next(.fundingInside) }
      return try executeAtMarket(index)
    case .fundingInside: return chargeFunding(upTo: books[current].closeTime - 1) ?? next(.inside)
    case .inside:
      if let index = orderAtMarket() { return try executeAtMarket(index) }
      switch nextInside() {
      case .execution(let index):
        enterInside()
        return try executeInside(index)
      case .liquidation:
        enterInside()
        return try liquidate(at: books[current].liquidationPrice)
      case .nothing:
        books[current].price = books[current].close
        return next(.idle)
      }
    }
  }

  private mutating func next(_ phase: Phase) -> VenueEvent? {
    self.phase = phase
    return nil
  }

  private mutating func enterInside() {
    books[current].isInside = true
    books[current].now = books[current].closeTime
  }

  /// Cancels that take effect, and opening orders whose candle is missing.
  private mutating func withdrawAtOpen() -> VenueEvent? {
    let openTime = books[current].openTime
    for index in books[current].orders.indices {
      let resting = books[current].orders[index]
      let isExpired = resting.opens && resting.isAtMarket && resting.activeFrom < openTime
      if resting.cancelFrom <= openTime { return cancelled(index, .requested) }
      if isExpired { return cancelled(index, .expired) }
    }
    return nil
  }

  private mutating func withdrawAfterLiquidation() -> VenueEvent? {
    for index in books[current].orders.indices where books[current].orders[index].isWithdrawn {
      return cancelled(index, .liquidation)
    }
    books[current].isWithdrawing = false
    return nil
  }

  /// Takes an order off the book.
  mutating func cancelled(_ index: Int, _ code: CancelCode) -> VenueEvent {
    let resting = books[current].orders.remove(at: index)
    return .cancelled(resting.order.identifier, time: books[current].now, code)
  }

  private mutating func chargeFunding(upTo time: Int64) -> VenueEvent? {
    let openTime = books[current].openTime
    while let event = books[current].takeFunding(upTo: time) {
      guard !account.positions[current].isFlat else { continue }
      books[current].now = max(openTime, event.time)
      return .funding(
        market: current, time: event.time, rate: event.rate,
        price: event.time < openTime ? books[current].previousClose : books[current].open)
    }
    return nil
  }

  private mutating func liquidateAtOpen() throws(TernError) -> VenueEvent? {
    let limit = books[current].liquidationPrice
    let open = books[current].open
    let quantity = account.positions[current].quantity.units
    guard limit > .zero, quantity > 0 ? open <= limit : open >= limit else { return nil }
    return try liquidate(at: open)
  }

  /// The reducing order of a kind that the open lies beyond and that the market met first on its way there.
  private func reducingReachedByOpen(_ kind: OrderKind) -> Int? {
    let openTime = books[current].openTime
    let open = books[current].open
    if kind == .limit, books[current].budget == .zero { return nil }
    var best: Int?
    for index in books[current].orders.indices {
      let resting = books[current].orders[index]
      guard resting.intent.kind == kind, !resting.opens, !resting.isTriggered, !resting.isCrossed,
        resting.activeFrom <= openTime, resting.isReached(by: open)
      else { continue }
      guard let chosen = best else {
        best = index
        continue
      }
      // What is furthest from the open was met first on the way to it.
      let price = resting.intent.price.units
      let other = books[current].orders[chosen].intent.price.units
      if abs(price - open.units) > abs(other - open.units) { best = index }
    }
    return best
  }

  private mutating func executeLimitAtOpen(_ index: Int) throws(TernError) -> VenueEvent? {
    let resting = books[current].orders[index]
    if resting.activeFrom == books[current].openTime {
      books[current].orders[index].isCrossed = true
      return try executeAtMarket(index)
    }
    return try execute(
      index, at: resting.intent.price, liquidity: configuration.takeProfitLiquidity.ofFill, meeting: nil)
  }

  private mutating func markOpeningsReachedByOpen() {
    let openTime = books[current].openTime
    let open = books[current].open
    for index in books[current].orders.indices {
      let resting = books[current].orders[index]
      guard resting.opens, resting.intent.kind != .market, resting.activeFrom <= openTime,
        resting.isReached(by: open)
      else { continue }
      if resting.intent.kind == .stopMarket {
        books[current].orders[index].isTriggered = true
      } else {
        books[current].orders[index].isCrossed = true
      }
    }
  }

  /// The next order that executes at whatever price there is: those that reduce before those that open.
  private func orderAtMarket() -> Int? {
    let openTime = books[current].openTime
    var opening: Int?
    for index in books[current].orders.indices {
      let resting = books[current].orders[index]
      guard resting.isAtMarket || resting.isCrossed, resting.activeFrom <= openTime else { continue }
      if !resting.opens { return index }
      opening = opening ?? index
    }
    return opening
  }
}
