import Diagnostics
import Foundation
import Market
import Testing

@testable import Risk

@Suite struct RiskLimitsTests {
  private func decode(_ text: String) throws -> RiskLimits {
    try JSONDecoder().decode(RiskLimits.self, from: Data(text.utf8))
  }

  @Test func anEmptyConfigurationIsTheDefaults() throws {
    let limits = try decode("{}")
    #expect(limits == RiskLimits())
    #expect(try limits.maximumMargin == Rate("0.08") && limits.maximumLeverage == Rate("5"))
    #expect(try limits.maximumStopLoss == Rate("0.005") && limits.maximumTakeProfit == Rate("0.015"))
    #expect(try limits.maximumDailyLoss == Rate("0.02") && limits.maximumDrawdown == Rate("0.05"))
    #expect(limits.maximumDailyTrades == 15 && limits.maximumConsecutiveLosses == 8)
    #expect(limits.volatilityMultiple == 3 && limits.reviewSharpe == 0.5 && limits.reviewDays == 30)
    #expect(try limits.maximumAccountMargin == Rate("0.4") && limits.slippageAllowance == Rate("0.0005"))
    try limits.validate()
  }

  @Test func everyKeyIsReadAndWritten() throws {
    let text = """
      {"maximum_margin":"0.01","maximum_leverage":"2","maximum_stop_loss":0.02,"maximum_take_profit":"0.03",
       "slippage_allowance":"0.004","maximum_account_margin":"0.05","maximum_open_positions":6,
       "maximum_daily_loss":"0.07","maximum_daily_trades":8,"maximum_consecutive_losses":9,
       "maximum_drawdown":"0.1","volatility_multiple":4,"volatility_release":1.5,"volatility_short_bars":11,
       "volatility_normal_bars":13,"volatility_minimum_bars":12,"review_sharpe":-0.25,"review_days":14}
      """
    let limits = try decode(text)
    let standard = RiskLimits()
    for (a, b) in zip(Mirror(reflecting: limits).children, Mirror(reflecting: standard).children) {
      #expect("\(a.value)" != "\(b.value)", "\(a.label ?? "") kept its default")
    }
    let written = try JSONEncoder().encode(limits)
    #expect(try JSONDecoder().decode(RiskLimits.self, from: written) == limits)
    let keys = try #require(try JSONSerialization.jsonObject(with: written) as? [String: Any]).keys
    let read = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]).keys
    #expect(Set(keys) == Set(read))
  }

  @Test func anUnknownKeyIsNamedWithItsNeighbour() throws {
    let error = #expect(throws: TernError.self) { try decode(#"{"maximum_drawdwn": "0.1"}"#) }
    #expect(error?.kind == .configuration && error?.key == "maximum_drawdwn")
    #expect(error?.message.contains("maximum_drawdown") == true)
  }

  @Test(arguments: [
    ("maximum_margin", #"{"maximum_margin":"0"}"#), ("maximum_margin", #"{"maximum_margin":"1.00000001"}"#),
    ("maximum_leverage", #"{"maximum_leverage":"0.99999999"}"#),
    ("maximum_leverage", #"{"maximum_leverage":"125.00000001"}"#),
    ("maximum_stop_loss", #"{"maximum_stop_loss":"-0.005"}"#),
    ("maximum_take_profit", #"{"maximum_take_profit":"0"}"#),
    ("slippage_allowance", #"{"slippage_allowance":"-0.00000001"}"#),
    ("maximum_account_margin", #"{"maximum_account_margin":"1.1"}"#),
    ("maximum_open_positions", #"{"maximum_open_positions":0}"#),
    ("maximum_daily_loss", #"{"maximum_daily_loss":"0"}"#),
    ("maximum_daily_trades", #"{"maximum_daily_trades":0}"#),
    ("maximum_consecutive_losses", #"{"maximum_consecutive_losses":-1}"#),
    ("maximum_drawdown", #"{"maximum_drawdown":"2"}"#),
    ("volatility_multiple", #"{"volatility_multiple":1}"#),
    ("volatility_release", #"{"volatility_release":3}"#),
    ("volatility_short_bars", #"{"volatility_short_bars":1}"#),
    ("volatility_normal_bars", #"{"volatility_normal_bars":100001}"#),
    ("volatility_minimum_bars", #"{"volatility_minimum_bars":10081}"#),
    ("review_sharpe", #"{"review_sharpe":101}"#), ("review_days", #"{"review_days":1}"#),
  ])
  func aLimitOutOfRangeIsNamed(_ key: String, _ text: String) throws {
    let error = #expect(throws: TernError.self) { try decode(text).validate() }
    #expect(error?.kind == .configuration && error?.key == key)
  }

  @Test func riskRefusesWhatDoesNotValidate() throws {
    var limits = RiskLimits()
    limits.maximumMargin = .zero
    #expect(throws: TernError.self) {
      try RiskManager(limits: limits, terms: [], equity: Money("1"), time: 0)
    }
    #expect(throws: TernError.self) {
      try RiskManager(limits: RiskLimits(), terms: [], equity: .zero, time: 0)
    }
    let error = #expect(throws: TernError.self) {
      try RiskManager(
        limits: RiskLimits(), terms: [plainTerms(leverage: "0.5")], equity: Money("1"), time: 0)
    }
    #expect(error?.key == "TEST.leverage")
  }
}
