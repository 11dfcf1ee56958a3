import Diagnostics
import Market

extension RiskLimits {
  /// The keys of a configuration.
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case maximumMargin = "maximum_margin"
    case maximumLeverage = "maximum_leverage"
    case maximumStopLoss = "maximum_stop_loss"
    case maximumTakeProfit = "maximum_take_profit"
    case slippageAllowance = "slippage_allowance"
    case maximumAccountMargin = "maximum_account_margin"
    case maximumOpenPositions = "maximum_open_positions"
    case maximumDailyLoss = "maximum_daily_loss"
    case maximumDailyTrades = "maximum_daily_trades"
    case maximumConsecutiveLosses = "maximum_consecutive_losses"
    case maximumDrawdown = "maximum_drawdown"
    case volatilityMultiple = "volatility_multiple"
    case volatilityRelease = "volatility_release"
    case volatilityShortBars = "volatility_short_bars"
    case volatilityNormalBars = "volatility_normal_bars"
    case volatilityMinimumBars = "volatility_minimum_bars"
    case reviewSharpe = "review_sharpe"
    case reviewDays = "review_days"
  }

  /// Reads the limits; a missing key takes its default, an unknown one is rejected.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func rate(_ key: CodingKeys) throws -> Rate? { try values.decodeFixedPoint(Rate.self, forKey: key) }
    func count(_ key: CodingKeys) throws -> Int? { try values.decodeIfPresent(Int.self, forKey: key) }
    func number(_ key: CodingKeys) throws -> Double? { try values.decodeIfPresent(Double.self, forKey: key) }
    self.init()
    maximumMargin = try rate(.maximumMargin) ?? maximumMargin
    maximumLeverage = try rate(.maximumLeverage) ?? maximumLeverage
    maximumStopLoss = try rate(.maximumStopLoss) ?? maximumStopLoss
    maximumTakeProfit = try rate(.maximumTakeProfit) ?? maximumTakeProfit
    slippageAllowance = try rate(.slippageAllowance) ?? slippageAllowance
    maximumAccountMargin = try rate(.maximumAccountMargin) ?? maximumAccountMargin
    maximumOpenPositions = try count(.maximumOpenPositions) ?? maximumOpenPositions
    maximumDailyLoss = try rate(.maximumDailyLoss) ?? maximumDailyLoss
    maximumDailyTrades = try count(.maximumDailyTrades) ?? maximumDailyTrades
    maximumConsecutiveLosses = try count(.maximumConsecutiveLosses) ?? maximumConsecutiveLosses
    maximumDrawdown = try rate(.maximumDrawdown) ?? maximumDrawdown
    volatilityMultiple = try number(.volatilityMultiple) ?? volatilityMultiple
    volatilityRelease = try number(.volatilityRelease) ?? volatilityRelease
    volatilityShortBars = try count(.volatilityShortBars) ?? volatilityShortBars
    volatilityNormalBars = try count(.volatilityNormalBars) ?? volatilityNormalBars
    volatilityMinimumBars = try count(.volatilityMinimumBars) ?? volatilityMinimumBars
    reviewSharpe = try number(.reviewSharpe) ?? reviewSharpe
    reviewDays = try count(.reviewDays) ?? reviewDays
  }

  /// Checks that every limit means something and that they fit each other.
  /// - Throws: `TernError` of kind `configuration` naming the key.
  public func validate() throws(TernError) {
    let fractions: [(CodingKeys, Rate)] = [
      (.maximumMargin, maximumMargin), (.maximumStopLoss, maximumStopLoss),
      (.maximumTakeProfit, maximumTakeProfit), (.maximumAccountMargin, maximumAccountMargin),
      (.maximumDailyLoss, maximumDailyLoss), (.maximumDrawdown, maximumDrawdown),
    ]
    for (key, value) in fractions {
      try require(value > .zero && value <= .one, key, value.description, "above 0, at most 1")
    }
    try require(
      maximumLeverage >= .one && maximumLeverage.units <= 125 * Rate.scale, .maximumLeverage,
      maximumLeverage.description, "1 to 125")
    try require(
      slippageAllowance >= .zero && slippageAllowance.units <= Rate.scale / 10, .slippageAllowance,
      slippageAllowance.description, "0 to 0.1")
    let counts: [(CodingKeys, Int, ClosedRange<Int>)] = [
      (.maximumOpenPositions, maximumOpenPositions, 1...1_000),
      (.maximumDailyTrades, maximumDailyTrades, 1...1_000_000),
      (.maximumConsecutiveLosses, maximumConsecutiveLosses, 1...1_000_000),
      (.volatilityShortBars, volatilityShortBars, 2...100_000),
      (.volatilityNormalBars, volatilityNormalBars, 2...1_000_000),
      (.volatilityMinimumBars, volatilityMinimumBars, 2...max(2, volatilityNormalBars)),
      (.reviewDays, reviewDays, 2...3_660),
    ]
    for (key, value, range) in counts {
      try require(
        range.contains(value), key, "\(value)", "\(range.lowerBound) to \(range.upperBound)")
    }
    try require(
      volatilityMultiple > 1 && volatilityMultiple <= 1_000, .volatilityMultiple, "\(volatilityMultiple)",
      "above 1, at most 1000")
    try require(
      volatilityRelease > 0 && volatilityRelease < volatilityMultiple, .volatilityRelease,
      "\(volatilityRelease)", "above 0, below volatility_multiple")
    try require(
      reviewSharpe.magnitude <= 100, .reviewSharpe, "\(reviewSharpe)", "-100 to 100")
  }

  private func require(
    _ condition: Bool, _ key: CodingKeys, _ found: String, _ expected: String
  ) throws(TernError) {
    if !condition {
      throw TernError(.configuration, "is out of range", key: key.rawValue, found: found, expected: expected)
    }
  }
}
