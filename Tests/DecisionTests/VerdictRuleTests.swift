import Diagnostics
import Foundation
import Market
import Testing

@testable import Decision

@Suite struct VerdictRuleTests {
  private func rate(_ text: String) throws -> Rate { try Rate(text) }

  private func judged(
    _ direction: Direction, _ confidence: Double, by rule: VerdictRule
  ) -> Decision {
    var decision = Decision(openTime: 0, closeTime: 60_000, featureDigest: 0, reason: .unknownInput)
    decision.direction = direction
    decision.confidence = confidence
    rule.judge(&decision)
    return decision
  }

  @Test func theThresholdItselfExecutesAndOneStepBelowDoesNot() throws {
    let rule = try VerdictRule(plan: TradePlan(), takerFee: rate("0.0005"))
    for direction in [Direction.long, .short] {
      let at = judged(direction, 0.65, by: rule)
      #expect(at.reason == .execute && at.verdict == direction && at.executes)
      let below = judged(direction, 0.65.nextDown, by: rule)
      #expect(below.reason == .belowConfidence && below.verdict == .neutral && !below.executes)
    }
  }

  @Test func neutralNeverExecutesHoweverSure() throws {
    let rule = try VerdictRule(plan: TradePlan(), takerFee: rate("0.0005"))
    let decision = judged(.neutral, 1, by: rule)
    #expect(decision.reason == .neutral && decision.verdict == .neutral && decision.expectedValue == 0)
  }

  @Test func anUnknownConfidenceDoesNotExecute() throws {
    let rule = try VerdictRule(plan: TradePlan(confidence: 0), takerFee: rate("0.0005"))
    #expect(judged(.long, .nan, by: rule).reason == .belowConfidence)
  }

  /// By hand: 0.65 · 1.5 % − 0.35 · 0.5 % − (2 · 0.05 % + 0.01 % + 0.35 · 0.01 %) = 0.6865 %.
  @Test func theExpectedValueCountsEveryCost() throws {
    let rule = try VerdictRule(plan: TradePlan(), takerFee: rate("0.0005"))
    // Five products and as many sums of numbers below 0.01: far below 1e-16.
    #expect(abs(rule.expectedValue(confidence: 0.65) - 0.006865) < 1e-16)
  }

  /// 0.75 · 0.25 − 0.25 · 0.25 − 2 · 0.0625 = 0, exactly in binary: nothing is gained, so nothing is traded.
  @Test func anExpectedValueOfZeroDoesNotExecuteAndTheNextAboveDoes() throws {
    let plan = TradePlan(confidence: 0.5, takeProfit: try rate("0.25"), stopLoss: try rate("0.25"))
    let costless = VerdictRule.Configuration(slippage: .zero, stopSlippage: .zero)
    let rule = try VerdictRule(plan: plan, takerFee: rate("0.0625"), configuration: costless)
    let zero = judged(.long, 0.75, by: rule)
    #expect(zero.expectedValue == 0 && zero.reason == .negativeExpectedValue && zero.verdict == .neutral)
    let above = judged(.long, 0.75.nextUp, by: rule)
    #expect(above.expectedValue > 0 && above.reason == .execute)
    var off = costless
    off.requiresPositiveExpectedValue = false
    let free = try VerdictRule(plan: plan, takerFee: rate("0.0625"), configuration: off)
    #expect(judged(.long, 0.6, by: free).reason == .execute)
    #expect(judged(.long, 0.6, by: free).expectedValue < 0)
  }

  @Test func aStopsSlippageCountsOnlyWhereTheStopDoes() throws {
    let plan = TradePlan(confidence: 0.5, takeProfit: try rate("0.25"), stopLoss: try rate("0.25"))
    let slipping = VerdictRule.Configuration(slippage: try rate("0.03125"), stopSlippage: try rate("0.0625"))
    let rule = try VerdictRule(plan: plan, takerFee: .zero, configuration: slipping)
    #expect(rule.expectedValue(confidence: 1) == 0.25 - 0.03125)
    #expect(rule.expectedValue(confidence: 0.5) == -0.03125 - 0.5 * 0.0625)
  }

  @Test func configurationRaisesTheThresholdAndNeverLowersIt() throws {
    let raised = try VerdictRule(
      plan: TradePlan(), takerFee: .zero, configuration: .init(minimumConfidence: 0.7))
    #expect(judged(.long, 0.7.nextDown, by: raised).reason == .belowConfidence)
    #expect(judged(.long, 0.7, by: raised).reason == .execute)
    let error = try #require(throws: TernError.self) {
      try VerdictRule(
        plan: TradePlan(), takerFee: .zero, configuration: .init(minimumConfidence: 0.65.nextDown))
    }
    #expect(error.kind == .configuration && error.key == "minimum_confidence")
  }

  @Test func configurationsAreReadStrictly() throws {
    func read(_ text: String) throws -> VerdictRule.Configuration {
      try JSONDecoder().decode(VerdictRule.Configuration.self, from: Data(text.utf8))
    }
    #expect(try read("{}") == VerdictRule.Configuration())
    let all = try read(
      #"{"minimum_confidence":0.8,"requires_positive_expected_value":false,"slippage":0.0002,"stop_slippage":"0.0003"}"#
    )
    #expect(
      all
        == VerdictRule.Configuration(
          minimumConfidence: 0.8, requiresPositiveExpectedValue: false, slippage: Rate(units: 20_000),
          stopSlippage: Rate(units: 30_000)))
    #expect(try JSONDecoder().decode(VerdictRule.Configuration.self, from: JSONEncoder().encode(all)) == all)
    #expect(throws: TernError.self) { try read(#"{"minimum_confidense":0.8}"#) }
    for (bad, key) in [
      (VerdictRule.Configuration(minimumConfidence: 1.1), "minimum_confidence"),
      (.init(minimumConfidence: .nan), "minimum_confidence"),
      (.init(slippage: Rate(units: -1)), "slippage"),
      (.init(stopSlippage: Rate(units: 10_000_000)), "stop_slippage"),
    ] {
      let error = try #require(throws: TernError.self) { try bad.validate() }
      #expect(error.kind == .configuration && error.key == key)
    }
  }
}
