import Accounts
import Market
import Orders

@testable import Decision
@testable import Execution
@testable import Risk
@testable import Sessions
@testable import Simulation

/// What must hold after every input, looked up plainly in the books of account, risk, orders and venue.
struct SessionInvariants {
  private var wasShutDown = false
  private(set) var positions = 0
  private(set) var shutdowns = 0

  init() {}

  /// The first thing that does not hold; nil when all does.
  mutating func broken(_ session: Session, after input: RandomInput) throws -> String? {
    let lane = session.lanes[0]
    let terms = session.header.configuration.markets
    let account = lane.account
    if account.equity.units != account.cash.units + (try unrealised(account)) {
      return "equity \(account.equity) is not cash \(account.cash) and the positions"
    }
    for market in terms.indices {
      let (own, venue) = (account.positions[market], lane.venue.position(market: market))
      if own.quantity != venue.quantity || own.cost != venue.cost {
        return "market \(market) holds \(own.quantity), the venue \(venue.quantity)"
      }
      if let text = unprotected(lane, market) { return text }
      if let text = irreducible(lane, market, session.time) { return text }
    }
    var isRearm = false
    if case .command(.rearm) = input { isRearm = true }
    if wasShutDown, lane.risk.state != .shutdown, !isRearm { return "a shutdown disappeared" }
    if lane.risk.state == .shutdown, !wasShutDown { shutdowns += 1 }
    wasShutDown = lane.risk.state == .shutdown
    if lane.risk.state != .active {
      for place in 0..<lane.orders.count
      where lane.orders[place].intent.purpose.opens && !lane.orders[place].isCancelling {
        return "an opening order is left while \(lane.risk.state)"
      }
    }
    return nil
  }

  private mutating func unrealised(_ account: Account) throws -> Int64 {
    var total: Int64 = 0
    for position in account.positions where !position.isFlat {
      positions += 1
      total += try Money(price: position.mark, quantity: position.quantity).units - position.cost.units
    }
    return total
  }

  /// A position has its stop at the venue, or an order that ends it is under way.
  private func unprotected(_ lane: TradingLane, _ market: Int) -> String? {
    guard let side = lane.account.positions[market].closingSide else { return nil }
    for order in lane.venue.books[market].orders
    where order.intent.purpose == .protectiveStop && order.intent.side == side && order.intent.closesPosition
    {
      return nil
    }
    for place in 0..<lane.orders.count {
      let intent = lane.orders[place].intent
      if intent.market == market, intent.side == side, intent.closesPosition, intent.kind == .market {
        return nil
      }
    }
    return "the position of market \(market) has no stop and is not being closed"
  }

  private func irreducible(_ lane: TradingLane, _ market: Int, _ time: Int64) -> String? {
    guard let side = lane.account.positions[market].closingSide else { return nil }
    var risk = lane.risk
    let verdict = risk.approve(
      .close(market: market, side: side, purpose: .flatten), account: lane.account,
      price: lane.account.positions[market].mark, at: time)
    if case .approved = verdict { return nil }
    return "the position of market \(market) cannot be closed: \(verdict)"
  }
}

/// Looks up every opening in the books at the very moment and the price at which risk lets it pass.
final class OpeningWatch: LaneObserver {
  private let session: Session
  private(set) var openings = 0
  /// The first limit that an approved opening broke.
  private(set) var broken: String?

  /// Watches a session, which must live as long.
  init(_ session: Session) {
    self.session = session
    session.observe(with: self)
  }

  func executing(_ fill: Fill, order: ApprovedOrder?, account: Account) {}
  func closed(_ trade: ClosedTrade) {}

  func judged(_ intent: OrderIntent, _ verdict: RiskVerdict) {
    guard let order = verdict.order, order.intent.purpose.opens, broken == nil else { return }
    openings += 1
    do { broken = try brokenLimit(order.intent) } catch { broken = "\(error)" }
  }

  private func brokenLimit(_ intent: OrderIntent) throws -> String? {
    let lane = session.lanes[0]
    let terms = session.header.configuration.markets
    let (limits, account, status) = (lane.risk.limits, lane.account, lane.risk.status)
    if lane.risk.state != .active { return "opened while \(lane.risk.state)" }
    if intent.protection.stopLoss <= .zero || intent.protection.stopLoss > limits.maximumStopLoss {
      return "stop"
    }
    if intent.protection.takeProfit <= .zero || intent.protection.takeProfit > limits.maximumTakeProfit {
      return "take profit"
    }
    if !intent.quantity.isMultiple(of: terms[intent.market].rules.stepSize) { return "step" }
    let equity = Int128(account.equity.units)
    func isLost(_ start: Money, _ limit: Rate) -> Bool {
      (Int128(start.units) - equity) * 100_000_000 >= Int128(start.units) * Int128(limit.units)
    }
    if isLost(status.dayStartEquity, limits.maximumDailyLoss) { return "daily loss" }
    if isLost(status.peakEquity, limits.maximumDrawdown) { return "drawdown" }
    if status.consecutiveLosses >= limits.maximumConsecutiveLosses { return "consecutive losses" }
    var coming: Set<Int> = []
    var whole = Int128(0)
    for market in terms.indices {
      if terms[market].leverage > limits.maximumLeverage { return "leverage" }
      let position = account.positions[market]
      var notional = Int128(
        max(position.entryNotional, try Money(price: position.mark, quantity: position.size)).units)
      var opening = market == intent.market ? [intent.quantity] : []
      for place in 0..<lane.orders.count
      where lane.orders[place].intent.market == market && lane.orders[place].intent.purpose.opens {
        opening.append(lane.orders[place].remaining)
      }
      if position.isFlat, !opening.isEmpty { coming.insert(market) }
      for quantity in opening {
        notional += Int128(try Money(price: position.mark, quantity: quantity).units)
      }
      let margin = notional * 100_000_000 / Int128(terms[market].leverage.units)
      if market == intent.market, margin * 100_000_000 > equity * Int128(limits.maximumMargin.units) {
        return "margin \(margin) of \(equity)"
      }
      whole += margin
    }
    if whole * 100_000_000 > equity * Int128(limits.maximumAccountMargin.units) { return "account margin" }
    // An order that enlarges a position counts for neither.
    guard account.positions[intent.market].isFlat else { return nil }
    if status.dailyTrades + coming.count > limits.maximumDailyTrades { return "daily trades" }
    if account.openPositions + coming.count > limits.maximumOpenPositions { return "positions" }
    return nil
  }
}
