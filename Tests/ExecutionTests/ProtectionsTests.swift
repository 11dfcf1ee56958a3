import Accounts
import Diagnostics
import Market
import Orders
import Testing

@testable import Execution
@testable import Risk

/// A market of tick 0.1 in which orders are answered by hand.
private struct Bench {
  var account = Account(cash: Money(units: 10_000 * Money.scale), markets: 1)
  var orders = OpenOrders(capacity: 16)
  var protections: Protections
  var number: UInt64 = 0

  init() {
    protections = Protections([MarketTerms(symbol: "TEST")])
  }

  var position: Position { account.positions[0] }

  mutating func fill(
    _ side: Side, _ price: String, _ quantity: String, _ purpose: OrderPurpose = .entry
  ) throws {
    let intent = OrderIntent(
      market: 0, purpose: purpose, side: side, kind: .market, quantity: try Quantity(quantity),
      protection: purpose.opens
        ? Protection(stopLoss: try Rate("0.005"), takeProfit: try Rate("0.015")) : .none)
    let fill = Fill(
      order: OrderIdentifier(900), market: 0, time: 5, side: side, price: try Price(price),
      quantity: try Quantity(quantity), fee: .zero, liquidity: .taker)
    _ = try account.apply(fill)
    try protections.observe(fill, of: intent, position: position)
  }

  /// Follows one proposal; the text of it.
  mutating func step(answer: Bool = true) throws -> String? {
    guard let proposal = protections.proposal(market: 0, position: position, orders: orders) else {
      return nil
    }
    switch proposal {
    case .cancel(let order):
      #expect(orders.markCancelling(order) == true)
      if answer { _ = try orders.apply(.cancelled(order, time: 6, .requested)) }
      return "cancel \(order)"
    case .submit(let intent):
      number += 1
      let order = ApprovedOrder(identifier: OrderIdentifier(number), intent: intent, time: 5)
      try orders.insert(order)
      if answer {
        _ = try orders.apply(.accepted(order.identifier, time: 5))
        protections.accepted(intent)
      }
      return "\(intent.purpose.name) \(intent.kind.name) \(intent.side.name) \(intent.price)"
        + (intent.closesPosition ? " all" : " \(intent.quantity)")
    }
  }

  mutating func steps() throws -> [String] {
    var all: [String] = []
    while all.count < 20, let next = try step() { all.append(next) }
    return all
  }
}

@Suite struct ProtectionsTests {
  @Test func exitsLieOnTheNextTickAwayFromTheEntry() throws {
    // 50,000.1 × 0.995 = 49,750.0995, × 1.015 = 50,750.1015; × 1.005 = 50,250.1005, × 0.985 = 49,250.0985
    let protection = Protection(stopLoss: try Rate("0.005"), takeProfit: try Rate("0.015"))
    let (entry, tick) = (try Price("50000.1"), try Price("0.1"))
    #expect(
      try ExitPrices(entry: entry, isLong: true, protection: protection, tick: tick)
        == ExitPrices(stop: Price("49750"), takeProfit: Price("50750.2")))
    #expect(
      try ExitPrices(entry: entry, isLong: false, protection: protection, tick: tick)
        == ExitPrices(stop: Price("50250.2"), takeProfit: Price("49250")))
    #expect(try ExitPrices(entry: entry, isLong: true, protection: .none, tick: tick) == ExitPrices())
  }

  @Test func anEntryGetsItsExitsOnce() throws {
    var bench = Bench()
    #expect(try bench.steps().isEmpty)
    try bench.fill(.buy, "100", "2")
    #expect(
      try bench.steps() == ["PROTECTIVE_STOP STOP_MARKET SELL 99.5 all", "TAKE_PROFIT LIMIT SELL 101.5 all"])
    #expect(try bench.steps().isEmpty)
  }

  @Test func oneExitCancelsTheOther() throws {
    var bench = Bench()
    try bench.fill(.sell, "100", "2")
    #expect(
      try bench.steps() == ["PROTECTIVE_STOP STOP_MARKET BUY 100.5 all", "TAKE_PROFIT LIMIT BUY 98.5 all"])
    try bench.fill(.buy, "98.5", "2", .takeProfit)
    #expect(try bench.steps() == ["cancel 1", "cancel 2"])
    #expect(bench.protections.exits(market: 0) == ExitPrices())
  }

  @Test func anAddMovesTheTakeProfitAndTightensTheStop() throws {
    var bench = Bench()
    try bench.fill(.buy, "100", "2")
    _ = try bench.steps()
    // Average 101: stop 100.495 → 100.4, take profit 102.515 → 102.6. Each new one stands before the old one goes.
    try bench.fill(.buy, "102", "2", .add)
    #expect(
      try bench.steps() == [
        "PROTECTIVE_STOP STOP_MARKET SELL 100.4 all", "cancel 1", "TAKE_PROFIT LIMIT SELL 102.6 all",
        "cancel 2",
      ])
    // Average 100 again: the stop would lie lower and stays.
    try bench.fill(.buy, "98", "2", .add)
    #expect(
      try bench.protections.exits(market: 0)
        == ExitPrices(stop: Price("100.4"), takeProfit: Price("101.5")))
  }

  @Test func theOldStopStandsUntilTheNewOneIsAccepted() throws {
    var bench = Bench()
    try bench.fill(.buy, "100", "2")
    _ = try bench.steps()
    #expect(try bench.protections.moveStop(market: 0, to: Price("100.07")))
    #expect(try bench.step(answer: false) == "PROTECTIVE_STOP STOP_MARKET SELL 100 all")
    #expect(try bench.step() == nil)
    _ = try bench.orders.apply(.accepted(OrderIdentifier(3), time: 6))
    #expect(try bench.step(answer: false) == "cancel 1")
    #expect(try bench.step() == nil)
  }

  @Test func aStopIsOnlyTightened() throws {
    var long = Bench()
    #expect(try long.protections.moveStop(market: 0, to: Price("1")) == false)
    try long.fill(.buy, "100", "2")
    for (price, moves) in [
      ("99.4", false), ("99.5", false), ("99.59", false), ("99.6", true), ("99.5", false),
    ] {
      #expect(try long.protections.moveStop(market: 0, to: Price(price)) == moves, "\(price)")
    }
    var short = Bench()
    try short.fill(.sell, "100", "2")
    for (price, moves) in [
      ("100.6", false), ("100.5", false), ("100.41", false), ("100.4", true), ("100.5", false),
    ] {
      #expect(try short.protections.moveStop(market: 0, to: Price(price)) == moves, "\(price)")
    }
  }

  @Test func aPositionWhoseStopIsRefusedIsClosed() throws {
    var bench = Bench()
    try bench.fill(.buy, "100", "2")
    for _ in 0..<Protections.patience {
      guard
        case .submit(let intent) = bench.protections.proposal(
          market: 0, position: bench.position, orders: bench.orders)
      else { throw TernError(.internalFailure, "no stop is wanted") }
      #expect(intent.purpose == .protectiveStop)
      bench.protections.refused(intent)
    }
    #expect(bench.protections.isUnprotected(market: 0))
    #expect(try bench.steps() == ["EMERGENCY_EXIT MARKET SELL 0 all"])
    try bench.fill(.sell, "100", "2", .emergencyExit)
    #expect(bench.protections.isUnprotected(market: 0) == false)
  }

  @Test func aTakeProfitThatIsRefusedIsGivenUpUntilPatienceIsRenewed() throws {
    var bench = Bench()
    try bench.fill(.buy, "100", "2")
    #expect(try bench.step() == "PROTECTIVE_STOP STOP_MARKET SELL 99.5 all")
    let takeProfit = OrderIntent(market: 0, purpose: .takeProfit, side: .sell, kind: .limit, quantity: .zero)
    for _ in 0..<Protections.patience { bench.protections.refused(takeProfit) }
    #expect(try bench.step() == nil)
    bench.protections.renewPatience(market: 0)
    #expect(try bench.step() == "TAKE_PROFIT LIMIT SELL 101.5 all")
  }

  @Test func aStopBeingExecutedIsLeftAlone() throws {
    var bench = Bench()
    try bench.fill(.buy, "100", "2")
    _ = try bench.steps()
    _ = try bench.orders.apply(
      .filled(
        Fill(
          order: OrderIdentifier(1), market: 0, time: 7, side: .sell, price: Price("99.4"),
          quantity: Quantity("1"),
          fee: .zero, liquidity: .taker), remaining: Quantity("1")))
    try bench.fill(.sell, "99.4", "1", .protectiveStop)
    #expect(try bench.protections.moveStop(market: 0, to: Price("99.8")))
    #expect(try bench.steps().isEmpty)
  }
}
