import Backtest
import Decision
import Diagnostics
import Market
import Orders
import Risk
import Sessions
import Simulation

/// The settings of a backtest of signals: the keys of `Backtest.Configuration`, and what only the decision loop knows.
///
/// The limits of risk apply by default, because they would in trading: what they refuse is counted in the result.
public struct SignalConfiguration: Codable, Equatable, Sendable {
  /// Sizes, exits and costs; its keys stand in the same section.
  public var trading: Backtest.Configuration
  /// The limits of the three tiers.
  public var risk: RiskLimits
  /// Share of a candle's volume that the orders may take from it, 0…1; default 0.1. Zero lifts the limit.
  public var volumeShare: Rate
  /// Whether the size grows with the confidence, as a stack's does; default false: every position has full size.
  public var confidenceScaling: Bool

  /// Gathers a configuration; every value has the default that its property states.
  public init(
    trading: Backtest.Configuration = Backtest.Configuration(), risk: RiskLimits = RiskLimits(),
    volumeShare: Rate = Rate(units: 10_000_000), confidenceScaling: Bool = false
  ) {
    self.trading = trading
    self.risk = risk
    self.volumeShare = volumeShare
    self.confidenceScaling = confidenceScaling
  }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case risk
    case volumeShare = "volume_share"
    case confidenceScaling = "confidence_scaling"
  }

  /// Reads a configuration; a missing key takes its default, an unknown one is rejected.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(
      Backtest.Configuration.CodingKeys.allCases.map(\.stringValue)
        + CodingKeys.allCases.map(\.stringValue))
    self.init(trading: try Backtest.Configuration(sharing: decoder))
    let values = try decoder.container(keyedBy: CodingKeys.self)
    risk = try values.decodeIfPresent(RiskLimits.self, forKey: .risk) ?? risk
    volumeShare = try values.decodeFixedPoint(Rate.self, forKey: .volumeShare) ?? volumeShare
    confidenceScaling =
      try values.decodeIfPresent(Bool.self, forKey: .confidenceScaling) ?? confidenceScaling
  }

  /// Writes every key into one section.
  public func encode(to encoder: any Encoder) throws {
    try trading.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(risk, forKey: .risk)
    try values.encode(volumeShare, forKey: .volumeShare)
    try values.encode(confidenceScaling, forKey: .confidenceScaling)
  }

  /// How the signals are traded.
  var plan: TradePlan {
    TradePlan(
      confidence: trading.minimumConfidence, marginFraction: trading.marginFraction,
      leverage: trading.leverage,
      takeProfit: trading.takeProfit, stopLoss: trading.stopLoss, horizon: trading.horizon)
  }

  /// How the result is made.
  var options: SessionBacktest.Options {
    var options = SessionBacktest.Options()
    options.randomRuns = trading.randomRuns
    options.seed = trading.seed
    options.keepsBars = trading.keepsBars
    return options
  }

  /// The session of one market.
  /// - Throws: `TernError` of kind `configuration` naming the key.
  func session(
    symbol: String, interval: Interval, from: Int64?
  ) throws(TernError) -> SessionConfiguration {
    try trading.validate()
    let result = SessionConfiguration(
      markets: [
        // An exchange knows no leverage below one; the size follows the plan.
        MarketTerms(
          symbol: symbol, interval: interval, rules: trading.rules, leverage: max(.one, trading.leverage),
          takerFee: trading.takerFee, makerFee: trading.makerFee)
      ],
      initialEquity: trading.initialEquity, tradingFrom: from,
      // Signals decided elsewhere carry a confidence, but not the probability that an expected value needs.
      verdict: VerdictRule.Configuration(
        requiresPositiveExpectedValue: false, slippage: trading.slippage, stopSlippage: trading.stopSlippage),
      position: PositionRules.Configuration(
        confidenceScaling: confidenceScaling,
        onOpposite: trading.whileInPosition == .reverse ? .reverse : .ignore),
      risk: risk,
      venue: SimulatedVenue.Configuration(
        slippage: trading.slippage, stopSlippage: trading.stopSlippage,
        takeProfitLiquidity: trading.takeProfitLiquidity == .maker ? .maker : .taker, volumeShare: volumeShare
      ))
    try result.validate()
    return result
  }
}
