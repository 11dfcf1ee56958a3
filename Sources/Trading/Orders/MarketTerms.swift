import Diagnostics
import Market

/// A market as trading sees it: the exchange's rules, the leverage it is traded with, and what trading costs.
public struct MarketTerms: Codable, Equatable, Sendable {
  /// The exchange's symbol.
  public var symbol: String
  /// Length of the candles that decisions are made on; default 1m.
  public var interval: Interval
  /// Tick, step and least notional; default those of the BTCUSDT perpetual.
  public var rules: SymbolRules
  /// Leverage set for the symbol: a position's margin is its entry notional over it; default 5.
  public var leverage: Rate
  /// Share of notional below which margin must not fall, or the exchange takes the position over; default 0.004,
  /// the lowest tier of BTCUSDT on Binance USD-M futures.
  public var maintenanceMargin: Rate
  /// Fee of orders that take liquidity, a fraction of notional; default 0.0005.
  public var takerFee: Rate
  /// Fee of orders that rest, a fraction of notional; default 0.0002.
  public var makerFee: Rate
  /// Fee of a liquidation, a fraction of notional; default 0.0125.
  public var liquidationFee: Rate

  /// Terms of a symbol; every value has the default that its property states.
  public init(
    symbol: String, interval: Interval = .minute, rules: SymbolRules = SymbolRules(),
    leverage: Rate = Rate(units: 500_000_000), maintenanceMargin: Rate = Rate(units: 400_000),
    takerFee: Rate = Rate(units: 50_000), makerFee: Rate = Rate(units: 20_000),
    liquidationFee: Rate = Rate(units: 1_250_000)
  ) {
    self.symbol = symbol
    self.interval = interval
    self.rules = rules
    self.leverage = leverage
    self.maintenanceMargin = maintenanceMargin
    self.takerFee = takerFee
    self.makerFee = makerFee
    self.liquidationFee = liquidationFee
  }

  /// Checks every value.
  /// - Throws: `TernError` of kind `configuration` naming the key.
  public func validate() throws(TernError) {
    try require(!symbol.isEmpty, "symbol", "\"\"", "the exchange's symbol")
    try require(
      leverage >= .one && leverage.units <= 125 * Rate.scale, "leverage", leverage.description, "1 to 125")
    try require(
      maintenanceMargin >= .zero && maintenanceMargin.units < Rate.scale / 2, "maintenance_margin",
      maintenanceMargin.description, "0 or more, below 0.5")
    for (key, fee) in [
      ("taker_fee", takerFee), ("maker_fee", makerFee), ("liquidation_fee", liquidationFee),
    ] {
      try require(fee.units.magnitude < 10_000_000, key, fee.description, "within ±0.1")
    }
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

  /// The fee of an execution, rounded up: a fee is never rounded in the trader's favour.
  /// - Throws: `TernError` of kind `data` on overflow.
  public func fee(
    _ price: Price, _ quantity: Quantity, _ liquidity: Fill.Liquidity
  ) throws(TernError) -> Money {
    let rate: Rate
    switch liquidity {
    case .maker: rate = makerFee
    case .taker: rate = takerFee
    case .liquidation: rate = liquidationFee
    }
    return try Money(price: price, quantity: quantity).multiplied(by: rate, .up)
  }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case symbol, interval, rules, leverage
    case maintenanceMargin = "maintenance_margin"
    case takerFee = "taker_fee"
    case makerFee = "maker_fee"
    case liquidationFee = "liquidation_fee"
  }

  /// Reads the terms; a missing key takes its default, an unknown one is rejected.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(symbol: try values.decode(String.self, forKey: .symbol))
    func rate(_ key: CodingKeys) throws -> Rate? { try values.decodeFixedPoint(Rate.self, forKey: key) }
    interval = try values.decodeIfPresent(Interval.self, forKey: .interval) ?? interval
    rules = try values.decodeIfPresent(SymbolRules.self, forKey: .rules) ?? rules
    leverage = try rate(.leverage) ?? leverage
    maintenanceMargin = try rate(.maintenanceMargin) ?? maintenanceMargin
    takerFee = try rate(.takerFee) ?? takerFee
    makerFee = try rate(.makerFee) ?? makerFee
    liquidationFee = try rate(.liquidationFee) ?? liquidationFee
  }
}
