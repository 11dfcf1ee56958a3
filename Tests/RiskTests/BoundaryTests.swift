import Accounts
import Chronology
import Market
import Orders
import Testing

@testable import Risk

/// Every limit at its exact boundary, and one unit before and after it.
@Suite struct BoundaryTests {
  /// What a table expects of an opening.
  enum Expected: Sendable, CustomStringConvertible {
    case approved
    case reduced(String, RiskReason)
    case rejected(RiskReason)

    var description: String {
      switch self {
      case .approved: return "approved"
      case .reduced(let quantity, let reason): return "reduced to \(quantity): \(reason.name)"
      case .rejected(let reason): return "rejected: \(reason.name)"
      }
    }
  }

  private func describe(_ verdict: RiskVerdict) -> String {
    switch verdict {
    case .approved: return Expected.approved.description
    case .reduced(let order, let reason):
      return Expected.reduced(order.intent.quantity.description, reason).description
    case .rejected(let reason): return Expected.rejected(reason).description
    }
  }

  /// Margin 8 % of equity at leverage 5: notional 40 %, 40 at a price of 100 for an equity of 10000.
  @Test(arguments: [
    ("10000", "40", "5", Expected.approved),
    ("10000", "40.001", "5", .reduced("40", .marginLimit)),
    ("9999.99999999", "40", "5", .reduced("39.999", .marginLimit)),
    ("10000", "32", "4", .approved),
    ("10000", "32.001", "4", .reduced("32", .marginLimit)),
    // Leverage as set for the market.
    ("10000", "1", "5", .approved),
    ("10000", "1", "5.00000001", .rejected(.leverageLimit)),
    // The exchange's least notional of 5.
    ("10000", "0.05", "5", .approved),
    ("10000", "0.049", "5", .rejected(.belowMinimumNotional)),
    ("12.5", "1", "5", .reduced("0.05", .marginLimit)),
    ("12.49999999", "1", "5", .rejected(.belowMinimumNotional)),
    // Not even one step.
    ("0.2", "1", "5", .rejected(.marginLimit)),
  ])
  func marginAndLeverage(_ equity: String, _ quantity: String, _ leverage: String, _ expected: Expected)
    throws
  {
    for side in Side.allCases {
      let desk = try Desk(terms: [plainTerms(leverage: leverage)], equity: equity)
      #expect(describe(try desk.open(quantity, side)) == expected.description, "\(side.name)")
    }
  }

  /// The limit holds for the position as filled: the price 0.05 % away and the fee paid. By hand, for a price of 100,
  /// tick 0.01: `q × 100.05 / 5 ≤ 0.08 × (10000 − q × 0.05 − q × 100.05 × 0.0005)`, so `q ≤ 39.96402838…`.
  @Test func slippageAndFeeShrinkTheSize() throws {
    for side in Side.allCases {
      for (quantity, expected) in [
        ("39.964", Expected.approved), ("39.965", .reduced("39.964", .marginLimit)),
        ("40", .reduced("39.964", .marginLimit)),
      ] {
        let desk = try Desk(RiskLimits(), terms: [plainTerms(fee: "0.0005", tick: "0.01")])
        #expect(describe(try desk.open(quantity, side)) == expected.description, "\(side.name) \(quantity)")
      }
    }
  }

  /// What is held counts at the dearer of what was paid and what it is worth.
  @Test(arguments: [
    (Side.buy, "100", "20", Expected.approved),
    (.buy, "100", "20.001", .reduced("20", .marginLimit)),
    // 20 long worth 2200, so 1880 more of the 40 % of 10200 at 110: 17.0909….
    (.buy, "110", "17.09", .approved),
    (.buy, "110", "17.091", .reduced("17.09", .marginLimit)),
    // 20 short cost 2000 and are worth 1800: of 4080 are 2080 left at 90: 23.1111….
    (.sell, "90", "23.111", .approved),
    (.sell, "90", "23.112", .reduced("23.111", .marginLimit)),
  ])
  func addingCountsWhatIsHeld(_ side: Side, _ price: String, _ quantity: String, _ expected: Expected) throws
  {
    let desk = try Desk()
    try desk.hold("20", side)
    desk.prices[0] = try Price(price)
    try desk.account.mark(market: 0, price: desk.prices[0])
    desk.risk.observe(account: desk.account, at: 0)
    #expect(describe(try desk.open(quantity, side, purpose: .add)) == expected.description)
  }

  /// Account margin 20 % here: two markets at 8 % leave 4 % for the third, whether filled or under way.
  @Test(arguments: [true, false])
  func accountMargin(_ filled: Bool) throws {
    var limits = plainLimits()
    limits.maximumAccountMargin = try Rate("0.2")
    for (quantity, expected) in [
      ("20", Expected.approved), ("20.001", .reduced("20", .accountMargin)),
    ] {
      let desk = try Desk(limits, terms: [plainTerms(), plainTerms(), plainTerms()])
      for market in 0..<2 {
        let order = try #require(try desk.open("40", market: market).order)
        if filled { try desk.fill(order) }
      }
      #expect(describe(try desk.open(quantity, .sell, market: 2)) == expected.description)
    }
  }

  @Test(arguments: [true, false])
  func openPositions(_ filled: Bool) throws {
    let desk = try Desk(terms: Array(repeating: plainTerms(), count: 6))
    for market in 0..<5 {
      let order = try #require(try desk.open("1", market: market).order)
      if filled { try desk.fill(order) }
    }
    #expect(describe(try desk.open("1", market: 5)) == Expected.rejected(.openPositions).description)
    // Enlarging one of the five is no further position.
    if filled { #expect(try desk.open("1", market: 0, purpose: .add).reason == nil) }
  }

  @Test(arguments: [
    ("0.005", "0.015", RiskReason?.none), ("0.00500001", "0.015", .stopTooFar),
    ("0.005", "0.01500001", .takeProfitTooFar), ("0", "0.015", .stopMissing),
    ("-0.005", "0.015", .stopMissing), ("0.005", "0", .takeProfitMissing),
    ("0.00000001", "0.00000001", nil),
  ])
  func exitsOfAnOpening(_ stop: String, _ target: String, _ reason: RiskReason?) throws {
    for purpose in [OrderPurpose.entry, .add] {
      let desk = try Desk()
      let verdict = try desk.open("1", stop: stop, target: target, purpose: purpose)
      #expect(verdict.reason == reason)
      #expect((verdict.order == nil) == (reason != nil))
    }
  }

  /// A stop 0.5 % from the entry at 100 or 100.01 (tick 0.1), and one tick further, which is moved in.
  @Test(arguments: [
    (Side.buy, "100", "99.5", "99.5"), (.buy, "100", "99.4", "99.5"), (.buy, "100", "1", "99.5"),
    (.buy, "100", "101", "101"), (.sell, "100", "100.5", "100.5"), (.sell, "100", "100.6", "100.5"),
    // 100.3 × 0.995 = 99.7985: the next tick away from the entry is allowed.
    (.buy, "100.3", "99.7", "99.7"), (.buy, "100.3", "99.6", "99.7"),
    // 100.3 × 1.005 = 100.8015.
    (.sell, "100.3", "100.9", "100.9"), (.sell, "100.3", "101", "100.9"),
  ])
  func aRestingStopIsMovedInToTheLimit(_ side: Side, _ entry: String, _ stop: String, _ placed: String) throws
  {
    let desk = try Desk(price: entry)
    try desk.hold("3", side)
    let verdict = desk.approve(
      OrderIntent(
        market: 0, purpose: .protectiveStop, side: side.opposite, kind: .stopMarket, quantity: .zero,
        price: try Price(stop), closesPosition: true))
    #expect(verdict.order?.intent.price == (try Price(placed)))
    #expect(verdict.reason == (stop == placed ? nil : .stopTooFar))
  }

  @Test(arguments: [
    ("9800.00000001", RiskState.active), ("9800", .halted), ("9799.99999999", .halted),
  ])
  func dailyLoss(_ equity: String, _ state: RiskState) throws {
    let desk = try Desk()
    try desk.show(equity)
    #expect(desk.risk.state == state)
    #expect(!desk.risk.mustFlatten)
    #expect(desk.takeTransitions().map(\.reason) == (state == .active ? [] : [.dailyLoss]))
  }

  /// 2 % of what the *day* began with, from its first millisecond.
  @Test func dailyLossBeginsAnewAtMidnight() throws {
    let desk = try Desk()
    try desk.show("9900")
    desk.time = Timestamp.day - 1
    try desk.show("9800.00000001")
    #expect(desk.risk.state == .active)
    // A gap over midnight counts for the new day, which began with what was last seen.
    desk.time = Timestamp.day + 1
    try desk.show("9604.00000001")
    #expect(desk.risk.status.dayStartEquity == (try Money("9800.00000001")))
    #expect(desk.risk.state == .active)
    try desk.show("9604.00000000")
    #expect(desk.risk.state == .halted)
    // At midnight itself the new day begins with the account as it stands.
    desk.time = 2 * Timestamp.day
    try desk.show("9510")
    #expect(desk.risk.status.dayStartEquity == (try Money("9510")))
    #expect(desk.risk.state == .active)
  }

  @Test func theSixteenthPositionOfADayIsRefused() throws {
    let desk = try Desk()
    for number in 1...15 {
      desk.time += 60_000
      let order = try #require(try desk.open("1").order, "position \(number)")
      // In two parts: one position all the same.
      try desk.fill(order, quantity: Quantity("0.4"))
      try desk.fill(order, quantity: Quantity("0.6"))
      if number == 15 { break }
      try desk.close()
    }
    #expect(desk.risk.status.dailyTrades == 15)
    // Enlarging the fifteenth is not a sixteenth.
    let add = try #require(try desk.open("1", purpose: .add).order)
    try desk.fill(add)
    #expect(desk.risk.status.dailyTrades == 15)
    try desk.close()
    #expect(try desk.open("1") == .rejected(.dailyTrades))
    #expect(desk.risk.state == .active)
    desk.time = Timestamp.day - 1
    #expect(try desk.open("1") == .rejected(.dailyTrades))
    desk.time = Timestamp.day
    #expect(try desk.open("1").reason == nil)
  }

  /// Openings under way count as if they were filled.
  @Test func openingsUnderWayCountForTheDay() throws {
    var limits = plainLimits()
    limits.maximumDailyTrades = 2
    let desk = try Desk(limits, terms: Array(repeating: plainTerms(), count: 3))
    let first = try #require(try desk.open("1", market: 0).order)
    _ = try desk.open("1", market: 1)
    #expect(try desk.open("1", market: 2) == .rejected(.dailyTrades))
    desk.risk.observe(ended: first.identifier)
    #expect(try desk.open("1", market: 2).reason == nil)
  }

  @Test(arguments: [
    ("LLLLLLL", RiskState.active), ("LLLLLLLL", .halted), ("LLLLLLLWL", .active), ("LLLL0LLL", .active),
    ("LLLL0LLLL", .halted), ("LLLLLLLWLLLLLLL", .active), ("LLLLLLLWLLLLLLLL", .halted),
    ("00000000", .active),
  ])
  func consecutiveLosses(_ results: String, _ state: RiskState) throws {
    let desk = try Desk()
    for result in results {
      // The smallest loss there is, the smallest gain, and neither.
      let profit = result == "L" ? "-0.00000001" : result == "W" ? "0.00000001" : "0"
      desk.risk.observe(trade: try trade(profit))
    }
    #expect(desk.risk.state == state)
    #expect(desk.takeTransitions().map(\.reason) == (state == .active ? [] : [.consecutiveLosses]))
    desk.risk.advance(to: Timestamp.day, account: desk.account)
    #expect(desk.risk.state == .active && desk.risk.status.consecutiveLosses == 0)
  }

  /// 5 % below the highest equity seen, 12000.
  @Test(arguments: [
    ("11400.00000001", RiskState.active), ("11400", .shutdown), ("11399.99999999", .shutdown),
  ])
  func drawdown(_ equity: String, _ state: RiskState) throws {
    let desk = try Desk()
    try desk.show("12000")
    try desk.show(equity)
    #expect(desk.risk.state == state)
    #expect(desk.risk.mustFlatten == (state == .shutdown))
    #expect(desk.takeTransitions().map(\.reason) == (state == .active ? [] : [.drawdown]))
  }
}
