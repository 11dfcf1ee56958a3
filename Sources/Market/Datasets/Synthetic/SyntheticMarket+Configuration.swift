import Chronology
import Diagnostics
import Market

extension SyntheticMarket {
  /// Settings of the synthetic market; every key has a default and unknown keys are rejected.
  public struct Configuration: Codable, Equatable, Sendable {
    /// The symbol, default `SYNTHUSDT`.
    public var symbol = "SYNTHUSDT"
    /// Length of a candle, default one minute; a divisor of one hour.
    public var interval = Interval.minute
    /// Open time of the first candle, ISO 8601 in files, milliseconds here; default 2023-01-01.
    public var start: Int64 = 1_672_531_200_000
    /// Length in days, default 365.
    public var days = 365
    /// Seed of every random number, default 1.
    public var seed: UInt64 = 1
    /// How much the hidden signal moves later returns: 0 nothing, 1 the documented amount.
    public var strength = 1.0
    /// First price, quote units.
    public var price = 30_000.0
    /// Price grid, quote units.
    public var tickSize = 0.1
    /// Quantity grid, base units.
    public var stepSize = 0.001
    /// Median standard deviation of the 60-minute log return.
    public var hourlyVolatility = 0.010

    /// The defaults.
    public init() {}
  }
}
