import Decision
import Diagnostics
import Feeds
import Market
import Orders
import Risk
import Simulation

/// Everything that decides what a session does with its candles, apart from the stacks: it travels in the journal's
/// header, so that a journal can be run again without any other file but the registry.
public struct SessionConfiguration: Codable, Equatable, Sendable {
  /// The markets, in the order of their indices.
  public var markets: [MarketTerms]
  /// Balance at the start, quote units; default 10000.
  public var initialEquity: Money
  /// When decisions may first open positions, milliseconds since the epoch, UTC; candles that close before it only warm
  /// the features up. Default: from the first candle on.
  public var tradingFrom: Int64?
  /// When a signal is executed.
  public var verdict: VerdictRule.Configuration
  /// Sizes and exits beyond the stack's own.
  public var position: PositionRules.Configuration
  /// The limits of the three tiers.
  public var risk: RiskLimits
  /// How orders meet the market.
  public var venue: SimulatedVenue.Configuration
  /// The rules for candles that are not as they should be.
  public var candles: CandleGuard.Configuration

  /// Gathers a configuration; every value has the default that its property states.
  public init(
    markets: [MarketTerms], initialEquity: Money = Money(units: 1_000_000_000_000), tradingFrom: Int64? = nil,
    verdict: VerdictRule.Configuration = VerdictRule.Configuration(),
    position: PositionRules.Configuration = PositionRules.Configuration(), risk: RiskLimits = RiskLimits(),
    venue: SimulatedVenue.Configuration = SimulatedVenue.Configuration(),
    candles: CandleGuard.Configuration = CandleGuard.Configuration()
  ) {
    self.markets = markets
    self.initialEquity = initialEquity
    self.tradingFrom = tradingFrom
    self.verdict = verdict
    self.position = position
    self.risk = risk
    self.venue = venue
    self.candles = candles
  }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case markets, verdict, position, risk, venue, candles
    case initialEquity = "initial_equity"
    case tradingFrom = "trading_from"
  }

  /// Reads a configuration; a missing key takes its default, an unknown one is rejected.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(markets: try values.decodeIfPresent([MarketTerms].self, forKey: .markets) ?? [])
    initialEquity = try values.decodeFixedPoint(Money.self, forKey: .initialEquity) ?? initialEquity
    tradingFrom = try values.decodeIfPresent(Int64.self, forKey: .tradingFrom)
    verdict = try values.decodeIfPresent(VerdictRule.Configuration.self, forKey: .verdict) ?? verdict
    position = try values.decodeIfPresent(PositionRules.Configuration.self, forKey: .position) ?? position
    risk = try values.decodeIfPresent(RiskLimits.self, forKey: .risk) ?? risk
    venue = try values.decodeIfPresent(SimulatedVenue.Configuration.self, forKey: .venue) ?? venue
    candles = try values.decodeIfPresent(CandleGuard.Configuration.self, forKey: .candles) ?? candles
  }

  /// Checks every value.
  /// - Throws: `TernError` of kind `configuration` naming the key.
  public func validate() throws(TernError) {
    guard (1...64).contains(markets.count) else {
      throw TernError(
        .configuration, "has the wrong number of markets", key: "markets", found: "\(markets.count)",
        expected: "1 to 64")
    }
    guard initialEquity > .zero else {
      throw TernError(
        .configuration, "is out of range", key: "initial_equity", found: initialEquity.description,
        expected: "above 0")
    }
    for (index, terms) in markets.enumerated() {
      try section("markets.\(index)") { () throws(TernError) in try terms.validate() }
      guard markets.firstIndex(where: { $0.symbol == terms.symbol }) == index else {
        throw TernError(
          .configuration, "stands twice", key: "markets.\(index).symbol", found: terms.symbol)
      }
    }
    try section("verdict") { () throws(TernError) in try verdict.validate() }
    try section("position") { () throws(TernError) in try position.validate() }
    try section("risk") { () throws(TernError) in try risk.validate() }
    try section("venue") { () throws(TernError) in try venue.validate() }
    try section("candles") { () throws(TernError) in try candles.validate() }
  }

  private func section(_ name: String, _ check: () throws(TernError) -> Void) throws(TernError) {
    do throws(TernError) { try check() } catch {
      var error = error
      error.key = error.key.map { "\(name).\($0)" } ?? name
      throw error
    }
  }
}
