import Accounts
import Backtest
import Diagnostics
import Execution
import Market
import Orders
import Testing

@testable import Risk
@testable import Simulation

/// The smallest loop that trades as `Backtest` does: an entry at the open after its signal, exits kept by `Protections`,
/// time exits and reversals at the open after the close that decides them.
struct Session {
  /// A finished trade with what `ClosedTrade` does not tell.
  struct Trade {
    var closed: ClosedTrade
    var entryPrice: Price
    var exitPrice: Price
  }

  private let backtest: Backtest.Configuration
  private let terms: MarketTerms
  private var venue: SimulatedVenue
  private(set) var account: Account
  private var orders = OpenOrders(capacity: 16)
  private var protections: Protections
  private(set) var trades: [Trade] = []
  private var lastNumber: UInt64 = 0
  private var entryPrice = Price.zero
  /// Direction to be entered once the position has ended at this candle's open.
  private var turn: Direction?
  private var openTime: Int64 = 0

  init(_ backtest: Backtest.Configuration, interval: Interval) throws {
    self.backtest = backtest
    terms = MarketTerms(
      symbol: "TEST", interval: interval, rules: backtest.rules, leverage: backtest.leverage,
      takerFee: backtest.takerFee, makerFee: backtest.makerFee)
    venue = try SimulatedVenue(
      [terms],
      configuration: SimulatedVenue.Configuration(
        slippage: backtest.slippage, stopSlippage: backtest.stopSlippage,
        takeProfitLiquidity: backtest.takeProfitLiquidity == .maker ? .maker : .taker))
    account = Account(cash: backtest.initialEquity, markets: 1)
    protections = Protections([terms])
  }

  mutating func run(_ candles: CandleSeries, _ signals: Backtest.Signals, _ funding: FundingSeries) throws {
    for index in funding.time.indices {
      try venue.observe(funding: Rate(funding.rate[index]), at: funding.time[index], market: 0)
    }
    for bar in 0..<candles.count {
      openTime = candles.openTime[bar]
      try venue.begin(candles[bar], market: 0)
      try drain(open: Price(candles.open[bar]))
      turn = nil
      try account.mark(market: 0, price: Price(candles.close[bar]))
      guard bar + 1 < candles.count else { return }
      try decide(signals.direction[bar], at: candles.closeTime(bar), nextOpen: Price(candles.open[bar + 1]))
      try drain(open: .zero)
    }
  }

  private mutating func decide(_ direction: Direction, at time: Int64, nextOpen: Price) throws {
    let position = account.positions[0]
    guard let side = position.closingSide else { return try enter(direction, at: time, open: nextOpen) }
    let isOver = time >= position.entryTime + backtest.horizon.milliseconds
    let turns =
      backtest.whileInPosition == .reverse && direction != .neutral && direction != position.direction
    guard isOver || turns else { return }
    try send(.close(market: 0, side: side, purpose: isOver ? .timeExit : .signalExit), at: time)
    turn = direction
  }

  private mutating func enter(_ direction: Direction, at time: Int64, open: Price) throws {
    guard let side = Side(opening: direction) else { return }
    // Sized at the price it will be filled at, as `Backtest` does.
    let price = try MarketBook(terms, venue.configuration).slipped(open, side, backtest.slippage)
    let margin = try account.cash.multiplied(by: backtest.marginFraction, .down)
    let quantity = try Quantity(notional: try margin.multiplied(by: backtest.leverage, .down), price: price)
      .rounded(to: backtest.rules.stepSize, .down)
    guard quantity > .zero else { return }
    try send(
      OrderIntent(
        market: 0, purpose: .entry, side: side, kind: .market, quantity: quantity,
        protection: Protection(stopLoss: backtest.stopLoss, takeProfit: backtest.takeProfit)),
      at: time)
  }

  private mutating func send(_ intent: OrderIntent, at time: Int64) throws {
    lastNumber += 1
    let order = ApprovedOrder(identifier: OrderIdentifier(lastNumber), intent: intent, time: time)
    try orders.insert(order)
    venue.submit(order)
  }

  private mutating func drain(open: Price) throws {
    while let event = try venue.nextEvent() {
      let outcome = try orders.apply(event)
      switch event {
      case .filled(let fill, _):
        guard case .changed(let ticket) = outcome else {
          throw TernError(.internalFailure, "a fill came twice")
        }
        try book(fill, ticket.intent)
        if let turn, account.positions[0].isFlat, fill.time == openTime {
          self.turn = nil
          try enter(turn, at: fill.time, open: open)
        }
      case .liquidated(let fill): try book(fill, nil)
      case .funding(let market, _, let rate, let price):
        _ = try account.charge(market: market, rate: rate, price: price)
      case .accepted, .cancelled: break
      case .rejected: throw TernError(.internalFailure, "the venue refused an order")
      }
      while let step = protections.proposal(market: 0, position: account.positions[0], orders: orders) {
        switch step {
        case .submit(let intent): try send(intent, at: event.time)
        case .cancel(let order):
          guard orders.markCancelling(order) else { throw TernError(.internalFailure, "cancelled twice") }
          venue.cancel(order, at: event.time)
        }
      }
    }
  }

  private mutating func book(_ fill: Fill, _ intent: OrderIntent?) throws {
    if account.positions[0].isFlat { entryPrice = fill.price }
    if case .closed(let trade) = try account.apply(fill) {
      trades.append(Trade(closed: trade, entryPrice: entryPrice, exitPrice: fill.price))
    }
    try protections.observe(fill, of: intent, position: account.positions[0])
  }
}
