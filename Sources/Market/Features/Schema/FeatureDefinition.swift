/// What one feature is: everything a reader, a model card or a server needs to know of a column.
public struct FeatureDefinition: Codable, Equatable, Sendable {
  /// What a feature is computed from besides the prices and volumes of the candles.
  public enum Source: String, Codable, Sendable, CaseIterable {
    /// Open, high, low, close and volume.
    case candles
    /// The number of trades of each candle.
    case tradeCount
    /// The volume that takers bought in each candle.
    case takerBuyVolume
    /// Funding events of the perpetual future.
    case funding
    /// Best bid and ask.
    case quotes
  }

  /// The column name, unique in a catalogue: indicator, parameters, and the higher timeframe where there is one.
  public let name: String
  /// The group of indicators the feature belongs to.
  public let family: String
  /// How it is computed, including the value of degenerate windows.
  public let formula: String
  /// Number of most recent base bars that determine the value; for recursive filters, the number after which the
  /// weight of everything older is below one in a million.
  public let lookback: Int
  /// The largest number of rows after the start of the candles, or after a gap, that can be NaN.
  public let warmUp: Int
  /// The unit of the value: `fraction`, `percent`, `sigma`, `ratio`, `log`, `correlation`, …
  public let unit: String
  /// What has to be in the market data; without it the column is NaN throughout.
  public let source: Source

  /// Describes a feature.
  public init(
    name: String, family: String, formula: String, lookback: Int, warmUp: Int, unit: String, source: Source
  ) {
    self.name = name
    self.family = family
    self.formula = formula
    self.lookback = lookback
    self.warmUp = warmUp
    self.unit = unit
    self.source = source
  }
}
