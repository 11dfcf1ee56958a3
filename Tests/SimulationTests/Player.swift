import Accounts
import Compute
import Diagnostics
import Execution
import Market
import Orders

@testable import Risk
@testable import Simulation

/// Sends random orders through random candles of two markets and checks every event against what it knows itself.
struct Player {
  private var random: Philox
  private let terms: [MarketTerms]
  private let configuration: SimulatedVenue.Configuration
  private var venue: SimulatedVenue
  private var account = Account(cash: Money(units: 1_000_000 * Money.scale), markets: 2)
  private var orders = OpenOrders(capacity: 64)
  private var lastNumber: UInt64 = 0
  private var candles = [Candle?](repeating: nil, count: 2)
  /// Stops whose trigger was reached.
  private var reached: Set<UInt64> = []
  private var taken = Quantity.zero
  /// Time of each market's last execution.
  private var last = [Int64.min, .min]
  private(set) var census: [String: Int] = [:]
  private(set) var log: [VenueEvent] = []

  init(seed: UInt64) throws {
    random = Philox(seed: seed, stream: 7)
    let rules = SymbolRules(
      tickSize: try Price("0.1"), stepSize: try Quantity("0.1"), minNotional: .zero)
    let leverage = Rate(units: Int64([1, 5, 50][random.integer(below: 3)]) * Rate.scale)
    terms = ["A", "B"].map { MarketTerms(symbol: $0, rules: rules, leverage: leverage) }
    configuration = SimulatedVenue.Configuration(
      slippage: Rate(units: 10_000), stopSlippage: Rate(units: 30_000), takeProfitLiquidity: .maker,
      volumeShare: Rate(units: 10_000_000),
      latency: [0, 0, 0, 60_000, 130_000][random.integer(below: 5)], maximumOpenOrders: 12)
    venue = try SimulatedVenue(terms, configuration: configuration)
  }

  private struct Broken: Error, CustomStringConvertible {
    var description: String
  }

  private func demand(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    if !condition { throw Broken(description: what()) }
  }

  mutating func play() throws {
    var time: Int64 = 0
    var prices = [100.0, 100.0]
    var isFirst = true
    for _ in 0..<10 {
      for market in 0..<2 where isFirst || random.integer(below: 12) > 0 {
        let candle = nextCandle(&prices[market], time)
        if random.integer(below: 4) == 0 {
          let instant = time + Int64([0, 30_000][random.integer(below: 2)])
          try venue.observe(
            funding: Rate(units: Int64(random.integer(below: 200_000)) - 100_000), at: instant, market: market
          )
        }
        try venue.begin(candle, market: market)
        candles[market] = candle
        taken = .zero
        try noteReached(candle, market)
        try drain(market, sending: 3)
        try account.mark(market: market, price: Price(candle.close))
        try checkBooks()
      }
      isFirst = false
      time += 60_000
      for _ in 0..<random.integer(below: 4) { try act(at: time) }
      try drain(nil, sending: 0)
    }
  }

  private mutating func nextCandle(_ price: inout Double, _ time: Int64) -> Candle {
    func tick(_ value: Double) -> Double { max(0.1, (value * 10).rounded() / 10) }
    let volatility = random.integer(below: 8) == 0 ? 0.4 : 0.02
    let open = tick(price * (1 + (random.integer(below: 3) == 0 ? volatility : 0) * (random.uniform() - 0.5)))
    let close = tick(open * (1 + volatility * (random.uniform() - 0.5)))
    price = min(max(close, 10), 1000)
    let volume = [.nan, 1e12, 0, 30, 100, 5][random.integer(below: 6)]
    return Candle(
      openTime: time, open: open, high: tick(max(open, close) * (1 + 0.5 * volatility * random.uniform())),
      low: tick(min(open, close) * (1 - 0.5 * volatility * random.uniform())), close: close, volume: volume)
  }

  /// Sends or cancels something, sensible or not.
  private mutating func act(at time: Int64) throws {
    if random.integer(below: 6) == 0 {
      guard orders.count > 0 else { return }
      let order = orders[random.integer(below: orders.count)].order.identifier
      if orders.markCancelling(order) { venue.cancel(order, at: time) }
      return
    }
    guard !orders.isFull else { return }
    let market = random.integer(below: 2)
    let held = account.positions[market].closingSide
    let purpose: OrderPurpose =
      held == nil || random.integer(below: 4) == 0
      ? [.entry, .add][random.integer(below: 2)]
      : [.protectiveStop, .takeProfit, .partialTakeProfit, .signalExit][random.integer(below: 4)]
    var side: Side = random.integer(below: 2) == 0 ? .buy : .sell
    if let held, random.integer(below: 8) > 0 { side = purpose.opens ? held.opposite : held }
    let kind: OrderKind
    switch purpose {
    case .protectiveStop: kind = .stopMarket
    case .takeProfit, .partialTakeProfit: kind = .limit
    case .signalExit: kind = .market
    default: kind = OrderKind.allCases[random.integer(below: 3)]
    }
    let reference = candles[market]?.close ?? 100
    let price = Price(units: max(1, Int64(reference * 10 * (0.97 + 0.06 * random.uniform()))) * 10_000_000)
    let closes = !purpose.opens && random.integer(below: 2) == 0
    let quantity = Quantity(units: Int64(1 + random.integer(below: 60)) * 10_000_000)
    lastNumber += 1
    let order = ApprovedOrder(
      identifier: OrderIdentifier(lastNumber),
      intent: OrderIntent(
        market: market, purpose: purpose, side: side, kind: kind, quantity: closes ? .zero : quantity,
        price: kind == .market ? .zero : price, closesPosition: closes),
      time: time)
    try orders.insert(order)
    venue.submit(order)
    if let candle = candles[market] { try noteReached(candle, market) }
  }

  private mutating func noteReached(_ candle: Candle, _ market: Int) throws {
    let (high, low) = (try Price(candle.high), try Price(candle.low))
    for place in 0..<orders.count where orders[place].intent.market == market {
      let intent = orders[place].intent
      guard intent.kind == .stopMarket, intent.side == .buy ? high >= intent.price : low <= intent.price
      else { continue }
      reached.insert(orders[place].order.identifier.number)
    }
  }

  private mutating func drain(_ market: Int?, sending: Int) throws {
    var left = sending
    while let event = try venue.nextEvent() {
      log.append(event)
      let outcome = try orders.apply(event)
      // A cancel may come when the order's end is on its way already.
      if case .rejected(_, _, .unknownOrder) = event { continue }
      try demand(outcome != .duplicate, "\(event) came twice")
      try take(event, outcome, market)
      if left > 0, let market, random.integer(below: 3) == 0 {
        left -= 1
        try act(at: max(event.time, candles[market]?.openTime ?? 0))
      }
    }
  }

  private mutating func take(_ event: VenueEvent, _ outcome: OpenOrders.Outcome, _ market: Int?) throws {
    switch event {
    case .accepted: break
    case .rejected(_, _, let code): try demand(code == .tooManyOrders, "\(event)")
    case .cancelled(_, _, let code): census[code.name, default: 0] += 1
    case .filled(let fill, let left):
      guard case .changed(let ticket) = outcome, let market else { throw Broken(description: "\(event)") }
      try demand(fill.market == market, "\(event) is of another market")
      try check(fill, left, ticket.intent)
      try demand(fill.time >= last[market] && fill.time >= ticket.order.time, "\(event) goes back in time")
      last[market] = fill.time
      _ = try account.apply(fill)
    case .liquidated(let fill):
      let position = account.positions[fill.market]
      let margin = try position.margin(leverage: terms[fill.market].leverage)
      let result = try position.unrealised(at: fill.price) - fill.fee
      try demand(result >= (try margin.negated()), "\(event) costs more than the margin \(margin)")
      try demand(fill.fee >= .zero && fill.quantity == position.size, "\(event)")
      census["liquidation", default: 0] += 1
      _ = try account.apply(fill)
    case .funding(let market, _, let rate, let price):
      try demand(!account.positions[market].isFlat, "\(event) of nothing")
      census["funding", default: 0] += 1
      _ = try account.charge(market: market, rate: rate, price: price)
    }
    try checkBooks()
  }

  private mutating func check(_ fill: Fill, _ left: Quantity, _ intent: OrderIntent) throws {
    guard let candle = candles[fill.market] else { throw Broken(description: "\(fill) before any candle") }
    let (high, low) = (try Price(candle.high), try Price(candle.low))
    let isBuy = fill.side == .buy
    let tick = terms[fill.market].rules.tickSize
    let slippage = intent.kind == .stopMarket ? configuration.stopSlippage : configuration.slippage
    let ceiling = try high.multiplied(by: Rate.one + slippage, .up).rounded(to: tick, .up)
    let floor = max(tick, try low.multiplied(by: Rate.one - slippage, .down).rounded(to: tick, .down))
    // A resting limit order that the open jumped over fills at its own price, worse than any in the candle.
    let isJumped = intent.kind == .limit && fill.price == intent.price
    try demand(isBuy || fill.price <= high, "\(fill) sells above \(high)")
    try demand(!isBuy || fill.price >= low, "\(fill) buys below \(low)")
    try demand(
      isJumped || (fill.price <= ceiling && fill.price >= floor),
      "\(fill) outside \(floor) … \(ceiling): \(intent)")
    switch intent.kind {
    case .limit:
      try demand(isBuy ? fill.price <= intent.price : fill.price >= intent.price, "\(fill) \(intent)")
    case .stopMarket:
      // In this candle or, for one that found no volume then, in one before.
      try demand(reached.contains(fill.order.number), "\(fill) \(intent) was not reached")
    case .market: break
    }
    if !intent.purpose.opens {
      let position = account.positions[fill.market]
      try demand(position.closingSide == fill.side && fill.quantity <= position.size, "\(fill) turns over")
    }
    taken = try taken + fill.quantity
    if candle.volume < 1e10 {
      let share = try Quantity(candle.volume).multiplied(by: configuration.volumeShare, .down)
      try demand(taken <= share, "\(taken) of a volume of \(candle.volume)")
    }
    let isExit = !intent.purpose.opens
    let name =
      isExit
      ? ["market exit", "limit", "stop"][Int(intent.kind.rawValue)] : intent.purpose == .add ? "add" : "entry"
    census[name, default: 0] += 1
    if left > .zero { census["partial", default: 0] += 1 }
  }

  /// The venue's positions are the account's, and equity is cash plus what is held.
  private func checkBooks() throws {
    var equity = account.cash
    for market in 0..<2 {
      let (own, other) = (account.positions[market], venue.position(market: market))
      try demand(own.quantity == other.quantity && own.cost == other.cost, "\(own) against \(other)")
      equity = try equity + own.unrealised(at: own.mark)
    }
    try demand(equity == account.equity, "equity \(account.equity) is not \(equity)")
  }
}
