import Diagnostics
import Market

/// Triple-barrier labels: what a trade entered now would earn before a profit, a loss or a time limit ends it
/// (López de Prado, "Advances in Financial Machine Learning", 2018, chapter 3).
public enum TripleBarrier {
  /// What the barriers mean for the label.
  public enum Mode: String, Codable, Sendable, CaseIterable {
    /// LONG if `+upper` is touched before `−lower`, SHORT if `−upper` is touched before `+lower`, else NEUTRAL:
    /// the label names the trade, if any, that reaches its take profit before its stop.
    case mirrored
    /// The classic picture: `+upper` first gives LONG, `−lower` first gives SHORT, the time limit NEUTRAL.
    case oneSided = "one-sided"

    /// What a user of the mode must know before training on it; nil when there is nothing to warn of.
    public var warning: String? {
      switch self {
      case .mirrored: return nil
      case .oneSided:
        return """
          one-sided labels: SHORT only says that a long would have been stopped out, not that a short would have \
          won; at high volatility its prior alone can pass the confidence threshold and the system would short \
          everything. Use --mode mirrored unless this is what you want.
          """
      }
    }
  }

  /// Barriers in multiples of recent volatility instead of fixed fractions.
  public struct VolatilityScaling: Codable, Equatable, Sendable {
    /// How the standard deviation of one-bar log returns is estimated at the close of the deciding bar.
    public enum Estimator: String, Codable, Sendable, CaseIterable {
      /// Root of the exponentially weighted mean of squared returns, decay `1 − 2 / (span + 1)`.
      case ewma
      /// Root of the mean of the last `span` squared returns.
      case rolling
    }
    /// The estimator; default `ewma`.
    public var estimator: Estimator
    /// Bars the estimate looks back on; that many returns must have been seen without a gap; default 240.
    public var span: Int
    /// Take profit in standard deviations over the horizon; default 3.
    public var upperMultiple: Double
    /// Stop in standard deviations over the horizon; default 1.
    public var lowerMultiple: Double
    /// Least width of either barrier as a fraction of the price, so that a dead market has no barriers of zero;
    /// default 0.0005.
    public var minimum: Double

    /// Creates the scaling; a barrier is `max(minimum, multiple × σ × √H)` with σ per bar and H bars to the horizon.
    public init(
      estimator: Estimator = .ewma, span: Int = 240, upperMultiple: Double = 3, lowerMultiple: Double = 1,
      minimum: Double = 0.0005
    ) {
      self.estimator = estimator
      self.span = span
      self.upperMultiple = upperMultiple
      self.lowerMultiple = lowerMultiple
      self.minimum = minimum
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
      case estimator, span, minimum
      case upperMultiple = "upper_multiple"
      case lowerMultiple = "lower_multiple"
    }

    /// Reads the scaling; a missing key takes its default, an unknown one is rejected.
    public init(from decoder: any Decoder) throws {
      try decoder.rejectUnknownKeys(CodingKeys.self)
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init()
      estimator = try values.decodeIfPresent(Estimator.self, forKey: .estimator) ?? estimator
      span = try values.decodeIfPresent(Int.self, forKey: .span) ?? span
      upperMultiple = try values.decodeIfPresent(Double.self, forKey: .upperMultiple) ?? upperMultiple
      lowerMultiple = try values.decodeIfPresent(Double.self, forKey: .lowerMultiple) ?? lowerMultiple
      minimum = try values.decodeIfPresent(Double.self, forKey: .minimum) ?? minimum
    }
  }

  /// What is labelled, and how.
  public struct Configuration: Codable, Equatable, Sendable {
    /// What the barriers mean; default `mirrored`.
    public var mode: Mode
    /// Take profit as a fraction of the entry price; default 0.015.
    public var upper: Double
    /// Stop as a fraction of the entry price; default 0.005.
    public var lower: Double
    /// Longest holding time, a whole number of candles; default 60m.
    public var horizon: Interval
    /// Barriers in multiples of volatility; default none, the fractions above.
    public var volatility: VolatilityScaling?
    /// Fee of the entry as a fraction of its notional (taker); default 0.0005.
    public var entryFee: Double
    /// Fee of the exit as a fraction of its notional (taker); default 0.0005.
    public var exitFee: Double

    /// Creates a configuration from its parts.
    public init(
      mode: Mode = .mirrored, upper: Double = 0.015, lower: Double = 0.005,
      horizon: Interval = Interval(milliseconds: 3_600_000), volatility: VolatilityScaling? = nil,
      entryFee: Double = 0.0005, exitFee: Double = 0.0005
    ) {
      self.mode = mode
      self.upper = upper
      self.lower = lower
      self.horizon = horizon
      self.volatility = volatility
      self.entryFee = entryFee
      self.exitFee = exitFee
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
      case mode, upper, lower, horizon, volatility
      case entryFee = "entry_fee"
      case exitFee = "exit_fee"
    }

    /// Reads a configuration; a missing key takes its default, an unknown one is rejected.
    public init(from decoder: any Decoder) throws {
      try decoder.rejectUnknownKeys(CodingKeys.self)
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init()
      mode = try values.decodeIfPresent(Mode.self, forKey: .mode) ?? mode
      upper = try values.decodeIfPresent(Double.self, forKey: .upper) ?? upper
      lower = try values.decodeIfPresent(Double.self, forKey: .lower) ?? lower
      horizon = try values.decodeIfPresent(Interval.self, forKey: .horizon) ?? horizon
      volatility = try values.decodeIfPresent(VolatilityScaling.self, forKey: .volatility)
      entryFee = try values.decodeIfPresent(Double.self, forKey: .entryFee) ?? entryFee
      exitFee = try values.decodeIfPresent(Double.self, forKey: .exitFee) ?? exitFee
    }

    /// The horizon in bars of `interval`, after checking every value.
    /// - Throws: `TernError` of kind `configuration`.
    public func validated(for interval: Interval) throws(TernError) -> Int {
      try require(upper > 0 && upper < 1, "upper", "\(upper)", "a fraction between 0 and 1")
      try require(lower > 0 && lower < 1, "lower", "\(lower)", "a fraction between 0 and 1")
      try require(entryFee > -0.1 && entryFee < 0.1, "entry_fee", "\(entryFee)", "a fraction within ±0.1")
      try require(exitFee > -0.1 && exitFee < 0.1, "exit_fee", "\(exitFee)", "a fraction within ±0.1")
      try require(
        horizon.milliseconds % interval.milliseconds == 0, "horizon", "\(horizon)",
        "a whole number of \(interval) candles")
      if let volatility {
        let key = "volatility."
        try require(volatility.span >= 2, key + "span", "\(volatility.span)", "2 or more")
        try require(
          volatility.upperMultiple > 0 && volatility.upperMultiple.isFinite, key + "upper_multiple",
          "\(volatility.upperMultiple)", "above 0")
        try require(
          volatility.lowerMultiple > 0 && volatility.lowerMultiple.isFinite, key + "lower_multiple",
          "\(volatility.lowerMultiple)", "above 0")
        try require(
          volatility.minimum > 0 && volatility.minimum < 1, key + "minimum", "\(volatility.minimum)",
          "a fraction between 0 and 1")
      }
      return Int(horizon.milliseconds / interval.milliseconds)
    }

    private func require(
      _ condition: Bool, _ key: String, _ found: String, _ expected: String
    ) throws(TernError) {
      if !condition {
        throw TernError(.configuration, "is out of range", key: key, found: found, expected: expected)
      }
    }
  }
}
