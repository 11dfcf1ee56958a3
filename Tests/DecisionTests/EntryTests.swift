import Accounts
import Diagnostics
import Market
import Orders
import Testing

@testable import Decision

@Suite struct EntryTests {
  private func entry(
    _ rules: PositionRules, _ decision: Decision, close: Double = 100, equity: Money = Desk.equity
  ) throws -> PositionActions {
    var rules = rules
    return try rules.actions(decision, Position(), Desk.candle(close), equity: equity)
  }

  private func quantity(_ actions: PositionActions) throws -> String {
    guard actions.count == 1, case .intent(let intent) = actions[0] else { return "none" }
    return intent.quantity.description
  }

  /// Equity 10000, 8 % margin, 5×: a notional of 4000 at full size.
  @Test(arguments: [
    (0.65, 100.0, "20"), (0.75, 100, "30"), (0.85, 100, "40"), (1.0, 100, "40"),
    // 4000 / 30001.5 = 0.13332…, down to a step of 0.001.
    (0.85, 30001.5, "0.133"),
    // 4000 / 31250 = 0.128 exactly; one tick more buys one step less.
    (0.85, 31250, "0.128"), (0.85, 31250.1, "0.127"),
  ])
  func sizeGrowsWithConfidenceAndIsFlooredToTheStep(confidence: Double, close: Double, expected: String)
    throws
  {
    let actions = try entry(try Desk.rules(), Desk.decision(.long, confidence: confidence), close: close)
    #expect(try quantity(actions) == expected)
  }

  @Test func anEntryIsAMarketOrderWithTheStacksExits() throws {
    for (direction, side) in [(Direction.long, Side.buy), (.short, .sell)] {
      let actions = try entry(try Desk.rules(), Desk.decision(direction))
      let expected = OrderIntent(
        market: 0, purpose: .entry, side: side, kind: .market, quantity: try Quantity("40"),
        protection: Protection(stopLoss: try Rate("0.005"), takeProfit: try Rate("0.015")))
      #expect(actions.list == [.intent(expected)])
    }
  }

  @Test func withoutScalingEveryPositionHasFullSize() throws {
    let rules = try Desk.rules { $0.confidenceScaling = false }
    #expect(try quantity(entry(rules, Desk.decision(.long, confidence: 0.65))) == "40")
    let narrow = try Desk.rules { $0.fullConfidence = 0.65 }
    #expect(try quantity(entry(narrow, Desk.decision(.long, confidence: 0.65))) == "40")
  }

  /// The least notional is 100: with 8 % and 5× it takes an equity of 250.
  @Test func belowTheLeastNotionalNothingIsOpened() throws {
    let rules = try Desk.rules()
    let exact = try entry(rules, Desk.decision(.long), equity: try Money("250"))
    #expect(try quantity(exact) == "1" && exact.refusal == nil)
    let below = try entry(rules, Desk.decision(.long), equity: try Money("249.99999999"))
    #expect(below.isEmpty && below.refusal == .belowMinimum)
    for equity in ["0", "-1"] {
      #expect(try entry(rules, Desk.decision(.long), equity: try Money(equity)).refusal == .noEquity)
    }
  }

  @Test func amountsThatCannotBeWrittenOpenNothing() throws {
    let rules = try Desk.rules()
    #expect(try entry(rules, Desk.decision(.long), close: 1e12).refusal == .amountOutOfRange)
    #expect(
      try entry(rules, Desk.decision(.long), close: 1e-8, equity: Money(units: .max)).refusal
        == .amountOutOfRange)
  }

  @Test func onlyAnExecutedVerdictOpens() throws {
    var decision = Desk.decision(.long)
    decision.reason = .belowConfidence
    decision.verdict = .neutral
    #expect(try entry(try Desk.rules(), decision) == PositionActions())
    var rules = try Desk.rules()
    let troubled = try rules.actions(Desk.decision(.long), Position(), Desk.candle(100), dataTrouble: true)
    #expect(troubled.isEmpty && troubled.refusal == .dataTrouble)
  }

  @Test(arguments: [
    (Direction.long, SIMD8<Float>(0, 0.25, 0.25, 0.25, 0, 0, 0.25, 0), true),
    (.long, SIMD8<Float>(0.25, 0.25, 0, 0.25, 0, 0, 0.2499, 0), false),
    (.short, SIMD8<Float>(0.25, 0, 0.25, 0.25, 0, 0, 0.25, 0), true),
    (.short, SIMD8<Float>(0.2499, 0.25, 0, 0.25, 0, 0, 0.25, 0), false),
  ])
  func aHostileRegimeOpensNothing(direction: Direction, regimes: SIMD8<Float>, refuses: Bool) throws {
    let rules = try Desk.rules { $0.emergencyRegimeProbability = 0.75 }
    let actions = try entry(rules, Desk.decision(direction, regimes: regimes))
    #expect((actions.refusal == .hostileRegime) == refuses && actions.isEmpty == refuses)
    #expect(try entry(try Desk.rules(), Desk.decision(direction, regimes: regimes)).count == 1)
  }

  /// Returns of +1 % and −1 % in turn: a volatility of 1 %.
  @Test func sizeShrinksWithVolatility() throws {
    func quantity(target: Double, closes: Int) throws -> PositionActions {
      var rules = try Desk.rules {
        $0.targetVolatility = target
        $0.volatilityWindow = 4
      }
      var price = 100.0
      var actions = PositionActions()
      for index in 0..<closes {
        if index > 0 { price *= index % 2 == 1 ? 1.01 : 0.99 }
        let time = Int64(index + 1) * 60_000
        actions = try rules.actions(
          Desk.decision(.long, closeTime: time), Position(), Desk.candle(price, closeTime: time))
      }
      return actions
    }
    #expect(try quantity(target: 0.01, closes: 4).refusal == .unknownVolatility)
    // After two rises and falls the price is 100 · (1.01 · 0.99)² = 99.98…: 40.008 at full size.
    #expect(try self.quantity(quantity(target: 0.02, closes: 5)) == "40.008")
    #expect(try self.quantity(quantity(target: 0.005, closes: 5)) == "20.004")
  }
}
