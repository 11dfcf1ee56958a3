import Diagnostics
import Market
import Orders
import Testing

@testable import Accounts
@testable import Risk

/// A market without fees, tick 0.1, step 0.001, leverage 5, so that tables are round numbers.
func plainTerms(
  leverage: String = "5", fee: String = "0", tick: String = "0.1", minNotional: String = "5"
) throws -> MarketTerms {
  MarketTerms(
    symbol: "TEST",
    rules: SymbolRules(
      tickSize: try Price(tick), stepSize: try Quantity("0.001"), minNotional: try Money(minNotional)),
    leverage: try Rate(leverage), takerFee: try Rate(fee), makerFee: try Rate(fee))
}

/// The defaults without a slippage allowance.
func plainLimits() -> RiskLimits {
  var limits = RiskLimits()
  limits.slippageAllowance = .zero
  return limits
}

/// An account and its risk, moved together as the loop moves them.
final class Desk {
  var account: Account
  var risk: RiskManager
  var time: Int64 = 0
  var prices: [Price]

  init(
    _ limits: RiskLimits = plainLimits(), terms: [MarketTerms]? = nil, equity: String = "10000",
    price: String = "100"
  ) throws {
    let terms = try terms ?? [plainTerms()]
    account = Account(cash: try Money(equity), markets: terms.count)
    risk = try RiskManager(limits: limits, terms: terms, equity: try Money(equity), time: 0)
    prices = Array(repeating: try Price(price), count: terms.count)
  }

  func approve(_ intent: OrderIntent) -> RiskVerdict {
    let isKnown = prices.indices.contains(intent.market)
    return risk.approve(intent, account: account, price: isKnown ? prices[intent.market] : .zero, at: time)
  }

  /// Asks for an opening with the largest exits allowed.
  func open(
    _ quantity: String, _ side: Side = .buy, market: Int = 0, stop: String = "0.005",
    target: String = "0.015", purpose: OrderPurpose = .entry
  ) throws -> RiskVerdict {
    approve(
      OrderIntent(
        market: market, purpose: purpose, side: side, kind: .market, quantity: try Quantity(quantity),
        protection: Protection(stopLoss: try Rate(stop), takeProfit: try Rate(target))))
  }

  /// Executes an order at a price, in whole or in part, and books it.
  func fill(_ order: ApprovedOrder, at price: Price? = nil, quantity: Quantity? = nil) throws {
    let intent = order.intent
    let size = account.positions[intent.market].size
    let fill = Fill(
      order: order.identifier, market: intent.market, time: time, side: intent.side,
      price: price ?? prices[intent.market],
      quantity: quantity ?? (intent.closesPosition ? size : intent.quantity),
      fee: .zero, liquidity: .taker)
    let change = try account.apply(fill)
    risk.observe(fill: fill, account: account)
    if case .closed(let trade) = change { risk.observe(trade: trade) }
    risk.observe(account: account, at: time)
  }

  /// Opens, and fills what was approved.
  func hold(_ quantity: String, _ side: Side = .buy, market: Int = 0) throws {
    let order = try #require(try open(quantity, side, market: market).order)
    try fill(order)
  }

  /// Closes a position at a price.
  func close(market: Int = 0, at price: String? = nil) throws {
    let side = try #require(account.positions[market].closingSide)
    let order = try #require(
      approve(.close(market: market, side: side, purpose: .signalExit)).order)
    try fill(order, at: try price.map { try Price($0) })
  }

  /// Shows risk an equity, as if the account stood there.
  func show(_ equity: String) throws {
    risk.observe(account: Account(cash: try Money(equity), markets: account.positions.count), at: time)
  }

  @discardableResult
  func rearm(_ account: Account? = nil, at time: Int64) -> Bool {
    risk.rearm(account: account ?? self.account, at: time)
  }

  func takeTransitions() -> [RiskTransition] {
    var all: [RiskTransition] = []
    while let next = risk.nextTransition() { all.append(next) }
    return all
  }
}

/// A trade with a result.
func trade(_ profit: String) throws -> ClosedTrade {
  ClosedTrade(
    market: 0, direction: .long, entryTime: 0, exitTime: 0, quantity: try Quantity("1"), openings: 1,
    grossProfit: try Money(profit), fees: .zero, funding: .zero, profit: try Money(profit))
}
