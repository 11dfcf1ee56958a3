import Diagnostics
import Market

extension CandleGuard {
  /// The limits of the rules; every key has a default and unknown keys are rejected.
  public struct Configuration: Equatable, Sendable {
    /// Largest sound distance of open, high, low or close from the last accepted close, as a fraction of it;
    /// default 0.20.
    public var maximumJump = 0.20
    /// Most candles that may be missing before one is believed at once, default 1440; a time further ahead must be
    /// confirmed like a jump of the price, because a single wrong stamp would make all later candles late.
    public var maximumMissing = 1440
    /// Consecutive absurd candles, later and later and each within `maximumJump` of the one before, that are believed;
    /// the last of them is accepted as the end of a gap. Default 3.
    public var confirmations = 3
    /// Consecutive troubles (malformed and absurd candles) that flatten, default 3.
    public var flattenAfter = 3
    /// Missing candles in one gap that may pass without flattening, default 5; one more flattens.
    public var flattenAfterMissing = 5
    /// Time since the last accepted candle's close without another that holds; nil, the default, is two intervals and
    /// 5 s. Files write `125s`.
    public var staleAfter: Interval?
    /// Time since the last accepted candle's close without another that flattens; nil, the default, is ten intervals.
    public var flattenAfterStale: Interval?

    /// The defaults.
    public init() {}

    /// `staleAfter` in milliseconds, for candles of an interval.
    public func staleMilliseconds(_ interval: Interval) -> Int64 {
      staleAfter?.milliseconds ?? 2 * interval.milliseconds + 5000
    }

    /// `flattenAfterStale` in milliseconds, for candles of an interval.
    public func flattenMilliseconds(_ interval: Interval) -> Int64 {
      flattenAfterStale?.milliseconds ?? 10 * interval.milliseconds
    }

    /// Checks every setting, and the two times against the candles' interval where it is known.
    /// - Throws: `TernError` of kind `configuration` naming the key.
    public func validate(for interval: Interval? = nil) throws(TernError) {
      func require(
        _ holds: Bool, _ key: CodingKeys, _ found: some CustomStringConvertible, _ expected: String
      ) throws(TernError) {
        guard !holds else { return }
        throw TernError(
          .configuration, "is out of range", key: key.rawValue, found: found.description, expected: expected)
      }
      try require(maximumJump > 0 && maximumJump <= 10, .maximumJump, maximumJump, "more than 0, at most 10")
      try require((1...1_000_000).contains(maximumMissing), .maximumMissing, maximumMissing, "1 to 1000000")
      try require((1...100).contains(confirmations), .confirmations, confirmations, "1 to 100")
      try require((1...1000).contains(flattenAfter), .flattenAfter, flattenAfter, "1 to 1000")
      try require(
        (0...1_000_000).contains(flattenAfterMissing), .flattenAfterMissing, flattenAfterMissing, "0 to 1000000")
      guard let interval else { return }
      let stale = staleMilliseconds(interval)
      let flatten = flattenMilliseconds(interval)
      // One interval passes between two closes even when nothing is wrong.
      try require(
        stale > interval.milliseconds, .staleAfter, "\(stale) ms", "more than the interval of \(interval)")
      try require(flatten >= stale, .flattenAfterStale, "\(flatten) ms", "at least stale_after, \(stale) ms")
    }
  }
}

extension CandleGuard.Configuration: Codable {
  /// The keys in files.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case maximumJump = "maximum_jump"
    case maximumMissing = "maximum_missing"
    case confirmations
    case flattenAfter = "flatten_after"
    case flattenAfterMissing = "flatten_after_missing"
    case staleAfter = "stale_after"
    case flattenAfterStale = "flatten_after_stale"
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
    try read(.maximumJump, into: &maximumJump)
    try read(.maximumMissing, into: &maximumMissing)
    try read(.confirmations, into: &confirmations)
    try read(.flattenAfter, into: &flattenAfter)
    try read(.flattenAfterMissing, into: &flattenAfterMissing)
    staleAfter = try values.decodeIfPresent(Interval.self, forKey: .staleAfter)
    flattenAfterStale = try values.decodeIfPresent(Interval.self, forKey: .flattenAfterStale)
    try validate()
  }

  /// Writes every key; times that follow the interval are written as null.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(maximumJump, forKey: .maximumJump)
    try values.encode(maximumMissing, forKey: .maximumMissing)
    try values.encode(confirmations, forKey: .confirmations)
    try values.encode(flattenAfter, forKey: .flattenAfter)
    try values.encode(flattenAfterMissing, forKey: .flattenAfterMissing)
    try values.encode(staleAfter, forKey: .staleAfter)
    try values.encode(flattenAfterStale, forKey: .flattenAfterStale)
  }
}
