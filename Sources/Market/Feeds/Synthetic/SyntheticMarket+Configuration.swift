import Chronology
import Diagnostics
import Market

extension SyntheticMarket {
  /// Settings of the synthetic market; every key has a default and unknown keys are rejected.
  public struct Configuration: Equatable, Sendable {
    /// The symbol, default `SYNTHUSDT`.
    public var symbol = "SYNTHUSDT"
    /// Length of a candle, default one minute; a divisor of one hour, at least one second.
    public var interval = Interval.minute
    /// Open time of the first candle, milliseconds since the epoch, UTC; default 2023-01-01. Files write ISO 8601.
    public var start: Int64 = 1_672_531_200_000
    /// Length in days, 1 to 3660, default 365.
    public var days = 365
    /// Seed of every random number, default 1.
    public var seed: UInt64 = 1
    /// How much the hidden signal and the regimes move later returns: 0 nothing at all, 1 (default) the documented
    /// amount, at most 3.
    public var strength = 1.0
    /// First price, quote units, default 30000.
    public var price = 30_000.0
    /// Price grid, quote units, default 0.1; a whole number or the inverse of one.
    public var tickSize = 0.1
    /// Quantity grid, base units, default 0.001; a whole number or the inverse of one.
    public var stepSize = 0.001
    /// Median standard deviation of the 60-minute log return, default 0.009.
    public var hourlyVolatility = 0.009
    /// Standard deviation of the stationary log volatility about its regime's level, default 0.25.
    public var volatilityOfVolatility = 0.25
    /// Half-life of the log volatility's deviation, hours, default 8.
    public var volatilityHalfLife = 8.0
    /// Jumps per day, default 1.
    public var jumpsPerDay = 1.0
    /// Standard deviation of a jump in units of the 60-minute volatility, default 0.8.
    public var jumpSize = 0.8
    /// Episodes of informed flow per day, default 3.
    public var episodesPerDay = 3.0
    /// Half-life of the hidden signal, hours, default 1.5.
    public var signalHalfLife = 1.5
    /// Drift per hour at strength 1 and signal 1, in units of the current 60-minute volatility, default 4.4.
    public var signalDrift = 4.4
    /// Drift per hour at strength 1 of the bull regime (the bear's is its negative), in the same units, default 0.05.
    public var trendDrift = 0.05
    /// Median volume per minute, base units, default 60.
    public var volumePerMinute = 60.0

    /// The defaults.
    public init() {}

    /// Checks every setting.
    /// - Throws: `TernError` of kind `configuration` naming the key.
    public func validate() throws(TernError) {
      func require(
        _ holds: Bool, _ key: CodingKeys, _ found: some CustomStringConvertible, _ expected: String
      ) throws(TernError) {
        guard !holds else { return }
        throw TernError(
          .configuration, "is out of range", key: key.rawValue, found: found.description, expected: expected)
      }
      let length = interval.milliseconds
      try require(!symbol.isEmpty && !symbol.utf8.contains(0), .symbol, symbol, "a name")
      try require(
        length >= 1000 && 3_600_000 % length == 0, .interval, interval, "a divisor of 1h, at least 1s")
      try require(
        start >= 0 && start % length == 0 && start < 250_000_000_000_000, .start, start,
        "a multiple of the interval since 1970")
      try require((1...3660).contains(days), .days, days, "1 to 3660")
      try require(strength >= 0 && strength <= 3, .strength, strength, "0 to 3")
      try require(price > 0 && price.isFinite, .price, price, "more than 0")
      try require(DecimalGrid(tickSize) != nil, .tickSize, tickSize, "a whole number or the inverse of one")
      try require(price / tickSize >= 100 && price / tickSize < 1e9, .price, price, "100 to 1e9 ticks")
      try require(DecimalGrid(stepSize) != nil, .stepSize, stepSize, "a whole number or the inverse of one")
      try require(
        hourlyVolatility > 0 && hourlyVolatility <= 0.1, .hourlyVolatility, hourlyVolatility, "0 to 0.1")
      try require(
        (0...1).contains(volatilityOfVolatility), .volatilityOfVolatility, volatilityOfVolatility, "0 to 1")
      try require(
        volatilityHalfLife >= 0.1 && volatilityHalfLife <= 1000, .volatilityHalfLife, volatilityHalfLife,
        "0.1 to 1000")
      try require((0...100).contains(jumpsPerDay), .jumpsPerDay, jumpsPerDay, "0 to 100")
      try require((0...5).contains(jumpSize), .jumpSize, jumpSize, "0 to 5")
      try require((0...24).contains(episodesPerDay), .episodesPerDay, episodesPerDay, "0 to 24")
      try require(
        signalHalfLife >= 0.1 && signalHalfLife <= 100, .signalHalfLife, signalHalfLife, "0.1 to 100")
      try require((0...20).contains(signalDrift), .signalDrift, signalDrift, "0 to 20")
      try require((0...2).contains(trendDrift), .trendDrift, trendDrift, "0 to 2")
      try require(
        volumePerMinute > stepSize && volumePerMinute <= 1e9, .volumePerMinute, volumePerMinute,
        "a step to 1e9")
    }
  }
}

extension SyntheticMarket.Configuration: Codable {
  /// The keys in files.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case symbol, interval, start, days, seed, strength, price
    case tickSize = "tick_size"
    case stepSize = "step_size"
    case hourlyVolatility = "hourly_volatility"
    case volatilityOfVolatility = "volatility_of_volatility"
    case volatilityHalfLife = "volatility_half_life"
    case jumpsPerDay = "jumps_per_day"
    case jumpSize = "jump_size"
    case episodesPerDay = "episodes_per_day"
    case signalHalfLife = "signal_half_life"
    case signalDrift = "signal_drift"
    case trendDrift = "trend_drift"
    case volumePerMinute = "volume_per_minute"
  }

  /// Reads the keys that are given; the rest keep their defaults.
  /// - Throws: `TernError` of kind `configuration` for an unknown key, with the nearest known one, or a bad value.
  public init(from decoder: any Decoder) throws {
    self.init()
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ key: CodingKeys, into value: inout Value) throws {
      if let found = try values.decodeIfPresent(Value.self, forKey: key) { value = found }
    }
    try read(.symbol, into: &symbol)
    try read(.interval, into: &interval)
    if let text = try values.decodeIfPresent(String.self, forKey: .start) {
      guard let time = Timestamp.parse(text) else {
        throw TernError(
          .configuration, "is not a time", key: "start", found: "\"\(text)\"",
          expected: "ISO 8601, such as 2023-01-01")
      }
      start = time
    }
    try read(.days, into: &days)
    try read(.seed, into: &seed)
    try read(.strength, into: &strength)
    try read(.price, into: &price)
    try read(.tickSize, into: &tickSize)
    try read(.stepSize, into: &stepSize)
    try read(.hourlyVolatility, into: &hourlyVolatility)
    try read(.volatilityOfVolatility, into: &volatilityOfVolatility)
    try read(.volatilityHalfLife, into: &volatilityHalfLife)
    try read(.jumpsPerDay, into: &jumpsPerDay)
    try read(.jumpSize, into: &jumpSize)
    try read(.episodesPerDay, into: &episodesPerDay)
    try read(.signalHalfLife, into: &signalHalfLife)
    try read(.signalDrift, into: &signalDrift)
    try read(.trendDrift, into: &trendDrift)
    try read(.volumePerMinute, into: &volumePerMinute)
    try validate()
  }

  /// Writes every key.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(symbol, forKey: .symbol)
    try values.encode(interval, forKey: .interval)
    try values.encode(Timestamp.text(start), forKey: .start)
    try values.encode(days, forKey: .days)
    try values.encode(seed, forKey: .seed)
    try values.encode(strength, forKey: .strength)
    try values.encode(price, forKey: .price)
    try values.encode(tickSize, forKey: .tickSize)
    try values.encode(stepSize, forKey: .stepSize)
    try values.encode(hourlyVolatility, forKey: .hourlyVolatility)
    try values.encode(volatilityOfVolatility, forKey: .volatilityOfVolatility)
    try values.encode(volatilityHalfLife, forKey: .volatilityHalfLife)
    try values.encode(jumpsPerDay, forKey: .jumpsPerDay)
    try values.encode(jumpSize, forKey: .jumpSize)
    try values.encode(episodesPerDay, forKey: .episodesPerDay)
    try values.encode(signalHalfLife, forKey: .signalHalfLife)
    try values.encode(signalDrift, forKey: .signalDrift)
    try values.encode(trendDrift, forKey: .trendDrift)
    try values.encode(volumePerMinute, forKey: .volumePerMinute)
  }
}

/// A grid of decimal values, counted in whole steps, whose values are the doubles nearest to their decimal text.
struct DecimalGrid {
  private let perUnit: Double
  private let size: Double

  /// A grid whose step is a whole number or the inverse of one; nil otherwise.
  init?(_ step: Double) {
    guard step > 0, step.isFinite else { return nil }
    let inverse = (1 / step).rounded()
    if inverse >= 1, inverse <= 1e12, 1 / inverse == step {
      perUnit = inverse
      size = 1
    } else {
      guard step == step.rounded(), step <= 1e6 else { return nil }
      perUnit = 1
      size = step
    }
  }

  /// The count of steps, not yet rounded.
  func countUnrounded(_ value: Double) -> Double { value * perUnit / size }

  /// The nearest count of steps.
  func count(_ value: Double) -> Int { Int((value * perUnit / size).rounded()) }

  /// The value of a count of steps.
  func value(_ count: Int) -> Double { Double(count) * size / perUnit }
}
