import Market

/// A seeded synthetic perpetual-futures market with a known, adjustable amount of predictability.
public enum SyntheticMarket {
  /// The hidden causes behind a generated market, one value per candle, for tests and checks only.
  public struct Oracle: Equatable, Sendable {
    /// The latent informed-flow signal at the candle's close, in [−1, 1].
    public var signal: [Double] = []
    /// Standard deviation of the log return during the candle.
    public var volatility: [Double] = []
    /// Index of the hidden regime in `Regime.allCases`.
    public var regime: [Int] = []
  }

  /// The hidden regimes.
  public enum Regime: String, CaseIterable, Codable, Sendable {
    /// Rising price.
    case bull
    /// Falling price.
    case bear
    /// Price that reverts to a level.
    case range
    /// Large moves.
    case highVolatility = "high_volatility"
    /// Small moves.
    case lowVolatility = "low_volatility"
  }

  /// Generates a market; equal configurations give equal bytes on any machine.
  public static func generate(_ configuration: Configuration) -> MarketData {
    generateWithOracle(configuration).data
  }

  /// Generates a market together with its hidden causes.
  public static func generateWithOracle(_ configuration: Configuration) -> (data: MarketData, oracle: Oracle) {
    (MarketData(candles: CandleSeries(symbol: configuration.symbol, interval: configuration.interval)), Oracle())
  }
}
