import Diagnostics
import Execution
import Market
import Orders

extension SimulatedVenue {
  /// What happens next inside a candle.
  enum Inside {
    case execution(Int)
    case liquidation
    case nothing
  }

  /// Follows the path inside the candle: first against the position, then in its favour.
  func nextInside() -> Inside {
    let quantity = account.positions[current].quantity.units
    if quantity == 0 { return firstReached().map { .execution($0) } ?? .nothing }
    return against(isLong: quantity > 0) ?? inFavour(isLong: quantity > 0).map { .execution($0) } ?? .nothing
  }

  /// The order or the liquidation that is met first on the way against the position.
  private func against(isLong: Bool) -> Inside? {
    let book = current
    let extreme = isLong ? books[book].low : books[book].high
    let sign: Int64 = isLong ? 1 : -1
    var best: (index: Int, price: Int64)?
    for index in books[book].orders.indices {
      let resting = books[book].orders[index]
      // On this way lie stops of the closing side and limit orders of the opening side.
      guard (resting.intent.side == .sell) == (isLong == (resting.intent.kind == .stopMarket)),
        canBeReached(resting, by: extreme)
      else { continue }
      let price = sign * resting.intent.price.units
      if best.map({ price > $0.price }) ?? true { best = (index, price) }
    }
    let limit = books[book].liquidationPrice
    if limit > .zero, isLong ? extreme <= limit : extreme >= limit,
      best.map({ sign * limit.units > $0.price }) ?? true
    {
      return .liquidation
    }
    return best.map { .execution($0.index) }
  }

  /// The order that is met first on the way in the position's favour.
  private func inFavour(isLong: Bool) -> Int? {
    let book = current
    let extreme = isLong ? books[book].high : books[book].low
    let sign: Int64 = isLong ? 1 : -1
    var best: (index: Int, price: Int64)?
    for index in books[book].orders.indices {
      let resting = books[book].orders[index]
      // On this way lie limit orders of the closing side and stops of the opening side.
      guard (resting.intent.side == .sell) == (isLong == (resting.intent.kind == .limit)),
        canBeReached(resting, by: extreme)
      else { continue }
      let price = sign * resting.intent.price.units
      if best.map({ price < $0.price }) ?? true { best = (index, price) }
    }
    return best?.index
  }

  /// The first order that the candle reaches while nothing is held.
  private func firstReached() -> Int? {
    let book = current
    for index in books[book].orders.indices {
      let resting = books[book].orders[index]
      let isBelow = (resting.intent.kind == .stopMarket) == (resting.intent.side == .sell)
      if canBeReached(resting, by: isBelow ? books[book].low : books[book].high) { return index }
    }
    return nil
  }

  private func canBeReached(_ resting: RestingOrder, by extreme: Price) -> Bool {
    guard resting.intent.kind != .market, !resting.isTriggered,
      resting.activeFrom <= books[current].openTime
    else { return false }
    if resting.intent.kind == .stopMarket { return resting.isReached(by: extreme) }
    guard books[current].budget > .zero else { return false }
    let isDoubtful = resting.isLate || (books[current].openedInside && !resting.opens)
    return resting.isReached(by: isDoubtful ? books[current].close : extreme)
  }

  /// Executes an order whose price is touched inside the candle.
  mutating func executeInside(_ index: Int) throws(TernError) -> VenueEvent? {
    let resting = books[current].orders[index]
    if resting.intent.kind == .stopMarket {
      books[current].orders[index].isTriggered = true
      books[current].price = resting.intent.price
      return try executeAtMarket(index)
    }
    return try execute(
      index, at: resting.intent.price,
      liquidity: resting.opens ? .maker : configuration.takeProfitLiquidity.ofFill,
      meeting: resting.intent.price)
  }
}
