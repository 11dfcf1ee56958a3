import Accounts
import Chronology
import Market
import Orders
import Testing

@testable import Risk

@Suite struct StateTests {
  /// Short windows, and closes that make one market's volatility 3 times and more its normal.
  private func windows() -> RiskLimits {
    var limits = plainLimits()
    limits.volatilityShortBars = 2
    limits.volatilityNormalBars = 4
    limits.volatilityMinimumBars = 4
    return limits
  }

  private func show(_ desk: Desk, closes: [Double], market: Int = 0) {
    for close in closes { desk.risk.observe(close: close, market: market, at: desk.time, afterGap: false) }
  }

  private let burst = [100, 100.1, 100, 100.1, 100, 101, 99]
  private let calm = [99.1, 99.2, 99.1, 99.2, 99.1, 99.2, 99.1, 99.2]

  @Test func volatilityClosesAllAndReleases() throws {
    let desk = try Desk(windows(), terms: [plainTerms(), plainTerms()])
    try desk.hold("1")
    show(desk, closes: burst, market: 1)
    #expect(desk.risk.state == .reducing && desk.risk.mustFlatten && !desk.risk.allowsOpenings)
    #expect(desk.risk.status.reason == .volatility)
    #expect(try desk.open("1", purpose: .add) == .rejected(.openingWhileReducing))
    try desk.close()
    show(desk, closes: calm, market: 1)
    #expect(desk.risk.state == .active && !desk.risk.mustFlatten)
    #expect(
      desk.takeTransitions() == [
        RiskTransition(time: 0, from: .active, to: .reducing, reason: .volatility),
        RiskTransition(time: 0, from: .reducing, to: .active, reason: .volatilityNormal),
      ])
    #expect(try desk.open("1").reason == nil)
  }

  @Test func theSeverestStateWinsAndTheNextRemains() throws {
    let desk = try Desk(windows())
    show(desk, closes: burst)
    try desk.show("9800")
    #expect(desk.risk.state == .halted)
    // A halt keeps positions, but volatility beneath it closes them.
    #expect(desk.risk.mustFlatten)
    try desk.show("9500")
    #expect(desk.risk.state == .shutdown)
    #expect(try desk.open("1") == .rejected(.openingWhileShutdown))
    desk.account = Account(cash: try Money("9500"), markets: 1)
    #expect(desk.rearm(at: 5))
    #expect(desk.risk.state == .halted && desk.risk.status.reason == .dailyLoss)
    #expect(try desk.open("1") == .rejected(.openingWhileHalted))
    desk.risk.advance(to: Timestamp.day, account: desk.account)
    #expect(desk.risk.state == .reducing)
    desk.time = Timestamp.day
    show(desk, closes: calm)
    #expect(desk.risk.state == .active)
    let day = Timestamp.day
    #expect(
      desk.takeTransitions() == [
        RiskTransition(time: 0, from: .active, to: .reducing, reason: .volatility),
        RiskTransition(time: 0, from: .reducing, to: .halted, reason: .dailyLoss),
        RiskTransition(time: 0, from: .halted, to: .shutdown, reason: .drawdown),
        RiskTransition(time: 5, from: .shutdown, to: .halted, reason: .rearmed),
        RiskTransition(time: day, from: .halted, to: .reducing, reason: .dayRolled),
        RiskTransition(time: day, from: .reducing, to: .active, reason: .volatilityNormal),
      ])
  }

  @Test func midnightEndsAHaltButNeverAShutdownNorAPersonsHalt() throws {
    var desk = try Desk()
    try desk.show("9400")
    #expect(desk.risk.state == .shutdown)
    for day in 1...40 { desk.risk.advance(to: Int64(day) * Timestamp.day, account: desk.account) }
    #expect(desk.risk.state == .shutdown && desk.risk.status.needsRearm)

    desk = try Desk()
    desk.risk.halt(at: 1)
    #expect(desk.risk.state == .halted && !desk.risk.mustFlatten)
    desk.risk.advance(to: 3 * Timestamp.day, account: desk.account)
    #expect(desk.risk.state == .halted && desk.risk.status.reason == .operatorCommand)
    #expect(desk.rearm(at: 3 * Timestamp.day))
    #expect(desk.risk.state == .active)
  }

  @Test func rearmingCountsTheDrawdownFromThere() throws {
    let desk = try Desk()
    try desk.show("9500")
    #expect(desk.risk.state == .shutdown)
    desk.account = Account(cash: try Money("9500"), markets: 1)
    desk.time = Timestamp.day
    try desk.show("9500")
    #expect(desk.rearm(at: desk.time))
    #expect(try desk.risk.status.peakEquity == Money("9500") && desk.risk.state == .active)
    try desk.show("9310.00000001")
    #expect(desk.risk.state == .active)
    desk.time = 2 * Timestamp.day + 1
    // 5 % of 9500 is 475; the day began with 9310.00000001.
    try desk.show("9025.00000001")
    #expect(desk.risk.state == .halted)
    try desk.show("9025")
    #expect(desk.risk.state == .shutdown)
  }

  @Test func rearmingNeedsSomethingToRearmAndEquity() throws {
    var desk = try Desk()
    #expect(!desk.rearm(at: 1))
    // A halt by a limit of the day is no person's to lift.
    try desk.show("9800")
    #expect(!desk.rearm(at: 1))
    #expect(desk.risk.state == .halted)
    try desk.show("0")
    #expect(desk.risk.state == .shutdown)
    #expect(!desk.rearm(Account(cash: .zero, markets: 1), at: 1))
    #expect(desk.risk.state == .shutdown)
    // A person's halt within a drawdown does not move the peak.
    desk = try Desk()
    try desk.show("12000")
    try desk.show("11500")
    desk.risk.halt(at: 2)
    #expect(desk.rearm(Account(cash: try Money("11500"), markets: 1), at: 3))
    try desk.show("11400")
    #expect(desk.risk.state == .shutdown)
  }

  @Test func flatteningShutsDown() throws {
    let desk = try Desk()
    try desk.hold("1")
    desk.risk.flatten(at: 9)
    #expect(desk.risk.state == .shutdown && desk.risk.mustFlatten)
    #expect(
      desk.takeTransitions() == [
        RiskTransition(time: 9, from: .active, to: .shutdown, reason: .operatorCommand)
      ])
    try desk.close()
    #expect(desk.account.isFlat)
  }

  @Test func timeDoesNotRunBackwards() throws {
    let desk = try Desk()
    desk.time = 2 * Timestamp.day
    try desk.show("9800")
    let before = desk.risk
    desk.risk.advance(to: 0, account: desk.account)
    #expect(desk.risk == before)
  }

  @Test func transitionsThatNobodyTakesAreBounded() throws {
    let desk = try Desk()
    for time in 0..<100 {
      desk.risk.halt(at: Int64(2 * time))
      desk.rearm(at: Int64(2 * time + 1))
    }
    let left = desk.takeTransitions()
    #expect(left.map(\.time) == Array(136..<200))
  }

  /// The last of three days' equity such that the ratio is just below 0.5, and one unit of money more.
  @Test func theSharpeRatioAsksForAReviewAtItsExactBoundary() throws {
    func desk(last: Int64) throws -> Desk {
      let desk = try Desk(equity: "10000")
      for day in 1...30 {
        let units: Int64 = day == 30 ? last : 1_000_000_000_000 + (day % 2 == 0 ? 0 : 5_000_000_000)
        desk.time = Int64(day) * Timestamp.day
        let account = Account(cash: Money(units: units), markets: 1)
        desk.risk.observe(account: account, at: desk.time)
        if day < 30 { #expect(desk.risk.status.sharpe == nil, "30 days are needed") }
      }
      return desk
    }
    func sharpe(last: Int64) -> Double {
      var returns: [Double] = []
      var before = 1e12
      for day in 1...30 {
        let after = day == 30 ? Double(last) : day % 2 == 0 ? 1e12 : 1.005e12
        returns.append(after / before - 1)
        before = after
      }
      let mean = returns.reduce(0, +) / 30
      let variance = returns.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 29
      return mean / variance.squareRoot() * 365.0.squareRoot()
    }
    var (low, high) = (Int64(970_000_000_000), Int64(1_040_000_000_000))
    #expect(sharpe(last: low) < 0.5 && sharpe(last: high) >= 0.5)
    while high - low > 1 {
      let middle = (low + high) / 2
      if sharpe(last: middle) < 0.5 { low = middle } else { high = middle }
    }
    // A unit of money is 1e-12 of this equity; both formulas agree to about 1e-15.
    for (last, needsReview) in [(low - 1, true), (low, true), (high, false), (high + 1, false)] {
      let desk = try desk(last: last)
      #expect(desk.risk.status.needsReview == needsReview)
      #expect(abs((desk.risk.status.sharpe ?? 9) - sharpe(last: last)) < 1e-12)
      // A flag and one event, no change of state.
      #expect(desk.risk.state == .active)
      let events = desk.takeTransitions().filter { $0.reason == .sharpeReview }
      #expect(events.count == (needsReview ? 1 : 0))
      #expect(events.allSatisfy { $0.from == .active && $0.to == .active })
      #expect(try desk.open("1").reason == nil)
    }
  }

  @Test func daysWithoutTradingNeedNoReview() throws {
    let desk = try Desk()
    desk.risk.advance(to: 100 * Timestamp.day, account: desk.account)
    #expect(desk.risk.status.sharpe == nil && !desk.risk.status.needsReview)
    // A loss on one day of thirty, over a jump of days.
    try desk.show("9900")
    desk.risk.advance(to: 102 * Timestamp.day + 5, account: desk.account)
    // Returns: 28 × 0, −1 %, 0: mean −1/30 %, deviation √((29 · (1/30)² + (29/30)²) / 29) %.
    let deviation = ((29.0 / 900 + 841.0 / 900) / 29).squareRoot()
    #expect(abs((desk.risk.status.sharpe ?? 0) - -1 / 30 / deviation * 365.0.squareRoot()) < 1e-9)
    #expect(desk.risk.status.needsReview)
  }
}
