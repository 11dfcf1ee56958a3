import Diagnostics
import Market

extension Backtest.Configuration {
  /// The keys in files.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case leverage, horizon, slippage, rules, seed
    case initialEquity = "initial_equity"
    case marginFraction = "margin_fraction"
    case takeProfit = "take_profit"
    case stopLoss = "stop_loss"
    case minimumConfidence = "minimum_confidence"
    case takerFee = "taker_fee"
    case makerFee = "maker_fee"
    case takeProfitLiquidity = "take_profit_liquidity"
    case stopSlippage = "stop_slippage"
    case whileInPosition = "while_in_position"
    case randomRuns = "random_runs"
    case keepsBars = "keeps_bars"
  }

  /// Reads a configuration; a missing key takes its default, an unknown one is rejected. Amounts and rates may be
  /// written as text or as numbers.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    try self.init(sharing: decoder)
  }

  /// Reads the configuration from a section that holds the keys of others too, which its owner checks.
  public init(sharing decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    func rate(_ key: CodingKeys) throws -> Rate? { try values.decodeFixedPoint(Rate.self, forKey: key) }
    initialEquity = try values.decodeFixedPoint(Money.self, forKey: .initialEquity) ?? initialEquity
    marginFraction = try rate(.marginFraction) ?? marginFraction
    leverage = try rate(.leverage) ?? leverage
    takeProfit = try rate(.takeProfit) ?? takeProfit
    stopLoss = try rate(.stopLoss) ?? stopLoss
    horizon = try values.decodeIfPresent(Interval.self, forKey: .horizon) ?? horizon
    minimumConfidence =
      try values.decodeIfPresent(Double.self, forKey: .minimumConfidence) ?? minimumConfidence
    takerFee = try rate(.takerFee) ?? takerFee
    makerFee = try rate(.makerFee) ?? makerFee
    takeProfitLiquidity =
      try values.decodeIfPresent(Backtest.Liquidity.self, forKey: .takeProfitLiquidity) ?? takeProfitLiquidity
    slippage = try rate(.slippage) ?? slippage
    stopSlippage = try rate(.stopSlippage) ?? stopSlippage
    whileInPosition =
      try values.decodeIfPresent(Backtest.WhileInPosition.self, forKey: .whileInPosition) ?? whileInPosition
    rules = try values.decodeIfPresent(SymbolRules.self, forKey: .rules) ?? rules
    randomRuns = try values.decodeIfPresent(Int.self, forKey: .randomRuns) ?? randomRuns
    seed = try values.decodeIfPresent(UInt64.self, forKey: .seed) ?? seed
    keepsBars = try values.decodeIfPresent(Bool.self, forKey: .keepsBars) ?? keepsBars
  }

  /// Checks every value.
  /// - Throws: `TernError` of kind `configuration` naming the key.
  public func validate() throws(TernError) {
    try require(initialEquity > .zero, "initial_equity", initialEquity.description, "above 0")
    try require(
      marginFraction > .zero && marginFraction <= .one, "margin_fraction", marginFraction.description,
      "above 0, at most 1")
    try require(
      leverage > .zero && leverage.units <= 125 * Rate.scale, "leverage", leverage.description,
      "above 0, at most 125")
    try require(
      takeProfit > .zero && takeProfit < .one, "take_profit", takeProfit.description, "between 0 and 1")
    try require(stopLoss > .zero && stopLoss < .one, "stop_loss", stopLoss.description, "between 0 and 1")
    try require(
      minimumConfidence >= 0 && minimumConfidence <= 1, "minimum_confidence", "\(minimumConfidence)", "0 to 1"
    )
    for (key, value) in [("taker_fee", takerFee), ("maker_fee", makerFee)] {
      try require(value.units.magnitude < 10_000_000, key, value.description, "within ±0.1")
    }
    for (key, value) in [("slippage", slippage), ("stop_slippage", stopSlippage)] {
      try require(value >= .zero && value.units < 10_000_000, key, value.description, "0 or more, below 0.1")
    }
    try require((0...100_000).contains(randomRuns), "random_runs", "\(randomRuns)", "0 to 100000")
    do { try rules.validate() } catch {
      var inner = error
      inner.key = "rules." + (error.key ?? "")
      throw inner
    }
  }

  private func require(
    _ condition: Bool, _ key: String, _ found: String, _ expected: String
  ) throws(TernError) {
    if !condition {
      throw TernError(.configuration, "is out of range", key: key, found: found, expected: expected)
    }
  }
}
