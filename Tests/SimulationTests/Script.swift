import Accounts
import Diagnostics
import Execution
import Market
import Orders
import Testing

@testable import Risk
@testable import Simulation

/// Plays a case written as text against a venue and an account.
///
/// ```
/// set     key=value …                     terms and configuration (tick 0.1, step 0.1, no slippage unless set)
/// send    number purpose side quantity|all [LIMIT|STOP price]      an order, sent at the last close
/// cancel  number
/// after   number: send … | cancel …       done as soon as the order has an execution
/// funding minute rate                     told beforehand
/// candle  minute open high low close [volume]
///   > …                                   what must happen, apart from acceptances; "at" is in minutes
/// cash    amount                          what must be left of 1000, and equity must agree
/// ```
struct Script {
  private var terms = MarketTerms(
    symbol: "TEST",
    rules: SymbolRules(
      tickSize: Price(units: 10_000_000), stepSize: Quantity(units: 10_000_000), minNotional: .zero))
  private var configuration = SimulatedVenue.Configuration(slippage: .zero, stopSlippage: .zero)
  private var venue: SimulatedVenue
  private var account = Account(cash: Money(units: 1000 * Money.scale), markets: 1)
  private var orders = OpenOrders(capacity: 16)
  private var reactions: [(order: UInt64, action: [String])] = []
  private var time: Int64 = 0

  init() throws { venue = try SimulatedVenue([terms], configuration: configuration) }

  static func play(_ text: String) throws {
    var script = try Script()
    var expected: [String] = []
    var found: [String] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      guard let head = words.first else { continue }
      let rest = Array(words.dropFirst())
      switch head {
      case ">": expected.append(rest.joined(separator: " "))
      case "set": try script.set(rest)
      case "after":
        script.reactions.append((try #require(UInt64(rest[0].dropLast())), Array(rest.dropFirst())))
      case "send", "cancel":
        try script.act(words)
        found += try script.drain()
      case "funding":
        try script.venue.observe(
          funding: Rate(rest[1]), at: Int64((try #require(Double(rest[0])) * 60_000).rounded()), market: 0)
      case "candle":
        let numbers = try rest.map { try #require(Double($0)) }
        let candle = Candle(
          openTime: Int64(numbers[0]) * 60_000, open: numbers[1], high: numbers[2], low: numbers[3],
          close: numbers[4], volume: numbers.count > 5 ? numbers[5] : .nan)
        try script.venue.begin(candle, market: 0)
        script.time = candle.openTime
        found += try script.drain()
        script.time = candle.openTime + 60_000
        try script.account.mark(market: 0, price: Price(candle.close))
      case "cash":
        #expect(script.account.cash == (try Money(rest[0])), "\(text)")
      default: Issue.record("unknown line \(line)")
      }
    }
    #expect(found == expected, "\(text)")
    #expect(script.venue.position(market: 0).quantity == script.account.positions[0].quantity)
    let position = script.account.positions[0]
    #expect(script.account.equity == (try script.account.cash + position.unrealised(at: position.mark)))
  }

  private mutating func set(_ pairs: [String]) throws {
    for pair in pairs {
      let parts = pair.split(separator: "=").map(String.init)
      switch parts[0] {
      case "slippage": configuration.slippage = try Rate(parts[1])
      case "stop_slippage": configuration.stopSlippage = try Rate(parts[1])
      case "take_profit": configuration.takeProfitLiquidity = parts[1] == "maker" ? .maker : .taker
      case "share": configuration.volumeShare = try Rate(parts[1])
      case "latency": configuration.latency = try #require(Int64(parts[1]))
      case "leverage": terms.leverage = try Rate(parts[1])
      case "maker": terms.makerFee = try Rate(parts[1])
      case "step": terms.rules.stepSize = try Quantity(parts[1])
      case "tick": terms.rules.tickSize = try Price(parts[1])
      case "least": terms.rules.minNotional = try Money(parts[1])
      default: Issue.record("unknown key \(parts[0])")
      }
    }
    venue = try SimulatedVenue([terms], configuration: configuration)
  }

  private mutating func act(_ words: [String]) throws {
    let number = OrderIdentifier(try #require(UInt64(words[1])))
    if words[0] == "cancel" {
      _ = orders.markCancelling(number)
      return venue.cancel(number, at: time)
    }
    let purposes: [String: OrderPurpose] = [
      "entry": .entry, "add": .add, "stop": .protectiveStop, "take": .takeProfit, "part": .partialTakeProfit,
      "time": .timeExit, "signal": .signalExit, "flatten": .flatten,
    ]
    let kind: OrderKind = words.count < 6 ? .market : words[5] == "LIMIT" ? .limit : .stopMarket
    let order = ApprovedOrder(
      identifier: number,
      intent: OrderIntent(
        market: 0, purpose: try #require(purposes[words[2]]), side: words[3] == "buy" ? .buy : .sell,
        kind: kind,
        quantity: words[4] == "all" ? .zero : try Quantity(words[4]),
        price: kind == .market ? .zero : try Price(words[6]), closesPosition: words[4] == "all"),
      time: time)
    try orders.insert(order)
    venue.submit(order)
  }

  private mutating func drain() throws -> [String] {
    var lines: [String] = []
    while let event = try venue.nextEvent() {
      if event.order != nil {
        // Everything the venue says must be a legal step of an order's life.
        if case .rejected(_, _, .unknownOrder) = event {} else { _ = try orders.apply(event) }
      }
      if let line = try book(event) { lines.append(line) }
      guard case .filled(let fill, _) = event else { continue }
      time = max(time, fill.time)
      let due = reactions.filter { $0.order == fill.order.number }
      reactions.removeAll { $0.order == fill.order.number }
      for reaction in due { try act(reaction.action) }
    }
    return lines
  }

  private mutating func book(_ event: VenueEvent) throws -> String? {
    func minutes(_ time: Int64) -> String { "at \(Quantity(units: time * Quantity.scale / 60_000))" }
    switch event {
    case .accepted: return nil
    case .rejected(let order, _, let code): return "rejected \(order) \(code.name)"
    case .cancelled(let order, let time, let code): return "cancelled \(order) \(code.name) \(minutes(time))"
    case .filled(let fill, let left):
      _ = try account.apply(fill)
      return "filled \(fill.order) \(fill.side == .buy ? "buy" : "sell") \(fill.quantity) @ \(fill.price) "
        + "fee \(fill.fee) left \(left) \(minutes(fill.time))"
    case .liquidated(let fill):
      _ = try account.apply(fill)
      return "liquidated \(fill.side == .buy ? "buy" : "sell") \(fill.quantity) @ \(fill.price) "
        + "fee \(fill.fee) \(minutes(fill.time))"
    case .funding(let market, let time, let rate, let price):
      let paid = try account.charge(market: market, rate: rate, price: price)
      return "funding \(rate) @ \(price) paid \(paid) \(minutes(time))"
    }
  }
}
