import Diagnostics
import Market
import Orders

/// The book of one account: cash, and a position for each market, in exact money.
///
/// `equity = cash + Σ (mark × quantity − cost)` holds to the last unit at every moment: fills move money between cash
/// and positions, fees and funding leave cash, nothing is rounded twice.
public struct Account: Equatable, Sendable {
  /// Balance: the initial one plus realised results, less fees and funding.
  public private(set) var cash: Money
  /// What is held, by market index.
  public private(set) var positions: [Position]
  /// Cash plus all positions at their marks.
  public private(set) var equity: Money
  /// Fees of all executions.
  public private(set) var fees: Money = .zero
  /// Funding paid in all; negative when received.
  public private(set) var funding: Money = .zero
  /// Results of closed parts before costs.
  public private(set) var grossProfit: Money = .zero

  /// What an execution did to a position.
  public enum Change: Equatable, Sendable {
    /// A position was opened or enlarged.
    case enlarged
    /// A part was closed.
    case reduced
    /// The position ended.
    case closed(ClosedTrade)
  }

  /// An account with a balance and no positions.
  public init(cash: Money, markets: Int) {
    self.cash = cash
    equity = cash
    positions = Array(repeating: Position(), count: markets)
  }

  /// Whether no market holds a position.
  public var isFlat: Bool { positions.allSatisfy(\.isFlat) }

  /// Number of markets that hold a position.
  public var openPositions: Int {
    var count = 0
    for index in positions.indices where !positions[index].isFlat { count += 1 }
    return count
  }

  /// Entry notional of all positions over leverage.
  /// - Throws: `TernError` of kind `data` on overflow.
  public func margin(_ terms: [MarketTerms]) throws(TernError) -> Money {
    var total = Money.zero
    for index in positions.indices where !positions[index].isFlat {
      total = try total + positions[index].margin(leverage: terms[index].leverage)
    }
    return total
  }

  /// Books an execution and values the position at its price.
  ///
  /// - Throws: `TernError` of kind `internalFailure` for an execution that would turn a position over in one step
  ///   (venues are asked to close first), of kind `data` on overflow; the account is unchanged then.
  public mutating func apply(_ fill: Fill) throws(TernError) -> Change {
    var position = positions[fill.market]
    // Scalars apart: a copy of the whole account would share the positions' storage and force a copy of it.
    var (cash, grossProfit) = (cash, grossProfit)
    let notional = try Money(price: fill.price, quantity: fill.quantity)
    let signed = Quantity(units: fill.side.sign * fill.quantity.units)
    let before = try position.unrealised(at: position.mark)
    let isOpening = position.isFlat || (position.quantity.units > 0) == (signed.units > 0)
    var change = Change.enlarged
    position.fees = try position.fees + fill.fee
    if isOpening {
      if position.isFlat { position.entryTime = fill.time }
      position.quantity = try position.quantity + signed
      position.cost = try position.cost + Money(units: fill.side.sign * notional.units)
      position.peakQuantity = max(position.peakQuantity, position.size)
      position.openings += 1
    } else {
      guard fill.quantity <= position.size else {
        throw TernError(
          .internalFailure, "an execution would turn the position over", key: "order \(fill.order)",
          found: fill.quantity.description, expected: "at most \(position.size)")
      }
      let isWhole = fill.quantity == position.size
      let share =
        isWhole
        ? position.cost
        : Money(
          units: Int64(
            Int128(position.cost.units) * Int128(fill.quantity.units) / Int128(position.size.units)))
      // What is sold brings its notional and takes its cost: for a short both signs are turned.
      let proceeds = Money(units: -fill.side.sign * notional.units)
      let profit = try proceeds - share
      position.quantity = try position.quantity + signed
      position.cost = try position.cost - share
      position.grossProfit = try position.grossProfit + profit
      grossProfit = try grossProfit + profit
      cash = try cash + profit
      change = .reduced
    }
    cash = try cash - fill.fee
    let fees = try self.fees + fill.fee
    position.mark = fill.price
    if position.isFlat {
      change = .closed(
        ClosedTrade(
          market: fill.market, direction: fill.side == .sell ? .long : .short,
          entryTime: position.entryTime, exitTime: fill.time, quantity: position.peakQuantity,
          openings: position.openings, grossProfit: position.grossProfit, fees: position.fees,
          funding: position.funding,
          profit: try position.grossProfit - position.fees - position.funding))
      var flat = Position()
      flat.mark = fill.price
      position = flat
    }
    let after = try position.unrealised(at: position.mark)
    equity = try equity + (cash - self.cash) + (after - before)
    (self.cash, self.fees, self.grossProfit) = (cash, fees, grossProfit)
    positions[fill.market] = position
    return change
  }

  /// Charges funding on a position: `rate × price × quantity`, which a long pays and a short receives.
  /// - Returns: What was paid; negative when received, zero when nothing is held.
  /// - Throws: `TernError` of kind `data` on overflow; the account is unchanged then.
  public mutating func charge(market: Int, rate: Rate, price: Price) throws(TernError) -> Money {
    guard !positions[market].isFlat else { return .zero }
    let paid = try positions[market].value(at: price).multiplied(by: rate)
    let total = try funding + paid
    let own = try positions[market].funding + paid
    let left = try cash - paid
    equity = try equity - paid
    (funding, cash) = (total, left)
    positions[market].funding = own
    return paid
  }

  /// Values a position at a price.
  /// - Throws: `TernError` of kind `data` on overflow; the account is unchanged then.
  public mutating func mark(market: Int, price: Price) throws(TernError) {
    let before = try positions[market].unrealised(at: positions[market].mark)
    let after = try positions[market].unrealised(at: price)
    equity = try equity + (after - before)
    positions[market].mark = price
  }
}
