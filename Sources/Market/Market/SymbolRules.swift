import Diagnostics

/// What an exchange demands of every order in a symbol.
public struct SymbolRules: Codable, Equatable, Sendable {
  /// Prices are whole multiples of it (`PRICE_FILTER.tickSize`), quote units.
  public var tickSize: Price
  /// Quantities are whole multiples of it (`LOT_SIZE.stepSize`), base units.
  public var stepSize: Quantity
  /// Least `price × quantity` of an order that opens a position (`MIN_NOTIONAL`), quote units.
  public var minNotional: Money

  /// Creates rules; the default is the BTCUSDT perpetual of Binance USD-M futures: tick 0.1, step 0.001, notional 100.
  public init(
    tickSize: Price = Price(units: 10_000_000), stepSize: Quantity = Quantity(units: 100_000),
    minNotional: Money = Money(units: 10_000_000_000)
  ) {
    self.tickSize = tickSize
    self.stepSize = stepSize
    self.minNotional = minNotional
  }

  /// The finest rules that can be written, for work that must not be rounded: tick and step 1e-8, no least notional.
  public static var finest: SymbolRules {
    SymbolRules(tickSize: Price(units: 1), stepSize: Quantity(units: 1), minNotional: .zero)
  }

  /// Checks that the rules can be obeyed.
  /// - Throws: `TernError` of kind `configuration`.
  public func validate() throws(TernError) {
    if tickSize.units <= 0 { throw wrong("tick_size", tickSize.description, "above 0") }
    if stepSize.units <= 0 { throw wrong("step_size", stepSize.description, "above 0") }
    if minNotional.units < 0 { throw wrong("min_notional", minNotional.description, "0 or more") }
  }

  private func wrong(_ key: String, _ found: String, _ expected: String) -> TernError {
    TernError(.configuration, "is out of range", key: key, found: found, expected: expected)
  }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case tickSize = "tick_size"
    case stepSize = "step_size"
    case minNotional = "min_notional"
  }

  /// Reads the rules; a missing key takes its default, an unknown one is rejected.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let standard = SymbolRules()
    tickSize = try values.decodeFixedPoint(Price.self, forKey: .tickSize) ?? standard.tickSize
    stepSize = try values.decodeFixedPoint(Quantity.self, forKey: .stepSize) ?? standard.stepSize
    minNotional = try values.decodeFixedPoint(Money.self, forKey: .minNotional) ?? standard.minNotional
  }
}
