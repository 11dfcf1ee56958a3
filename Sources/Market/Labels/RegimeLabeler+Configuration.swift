import Diagnostics
import Market

/// Labels every candle with the regime of the window that follows it.
public enum RegimeLabeler {
  /// A pair of limits: a regime begins at one and ends at the other, so that it does not flicker around either.
  public struct Threshold: Codable, Equatable, Sendable {
    /// Where the regime begins.
    public var enter: Double
    /// Where it ends; never stricter than `enter`.
    public var leave: Double

    /// Creates a pair.
    public init(enter: Double, leave: Double) {
      self.enter = enter
      self.leave = leave
    }

    private enum CodingKeys: String, CodingKey, CaseIterable { case enter, leave }

    /// Reads the pair; an unknown key is rejected.
    public init(from decoder: any Decoder) throws {
      try decoder.rejectUnknownKeys(CodingKeys.self)
      let values = try decoder.container(keyedBy: CodingKeys.self)
      enter = try values.decode(Double.self, forKey: .enter)
      leave = try values.decode(Double.self, forKey: .leave)
    }
  }

  /// The written rules' numbers.
  public struct Configuration: Codable, Equatable, Sendable {
    /// Bars of the next window, and of the past window a reversal is measured against; default 60.
    public var window: Int
    /// Bars of the range that a breakout leaves, ending at the deciding bar; default 240.
    public var rangeBars: Int
    /// Wilder's smoothing period of the average directional index; default 14.
    public var adxPeriod: Int
    /// Average directional index at the end of the next window that makes a trend; default 25, leaves at 20.
    public var adx: Threshold
    /// Net move over realised volatility of the next window that makes a trend; default 1, leaves at 0.7.
    public var efficiency: Threshold
    /// Past windows that volatility is ranked among, one in every `window` bars; default 720 (30 days of hours).
    public var volatilityHistory: Int
    /// Past windows needed before anything is labelled; default 168 (a week of hours).
    public var volatilityMinimum: Int
    /// Rank, 0…1, of the next window's volatility that makes it high; default 0.9, leaves at 0.85.
    public var highVolatility: Threshold
    /// Rank of the next window's volatility that makes it low; default 0.1, leaves at 0.15.
    public var lowVolatility: Threshold
    /// How far beyond the past range the next window closes, as a fraction of the range's height; default 0.25,
    /// leaves at 0.1.
    public var breakout: Threshold
    /// Net move over realised volatility of the past window that counts as a trend to be reversed; default 1, leaves
    /// at 0.8. A breakout starts from a past window below it.
    public var pastTrend: Threshold
    /// Share of the past window's move that a reversal takes back; default 0.75, leaves at 0.5.
    public var retracement: Threshold
    /// Rows in a row that must agree before the label changes; default 5.
    public var confirmation: Int

    /// Creates the rules; every number has the default that its property states.
    public init(
      window: Int = 60, rangeBars: Int = 240, adxPeriod: Int = 14,
      adx: Threshold = Threshold(enter: 25, leave: 20),
      efficiency: Threshold = Threshold(enter: 1, leave: 0.7), volatilityHistory: Int = 720,
      volatilityMinimum: Int = 168, highVolatility: Threshold = Threshold(enter: 0.9, leave: 0.85),
      lowVolatility: Threshold = Threshold(enter: 0.1, leave: 0.15),
      breakout: Threshold = Threshold(enter: 0.25, leave: 0.1),
      pastTrend: Threshold = Threshold(enter: 1, leave: 0.8),
      retracement: Threshold = Threshold(enter: 0.75, leave: 0.5), confirmation: Int = 5
    ) {
      self.window = window
      self.rangeBars = rangeBars
      self.adxPeriod = adxPeriod
      self.adx = adx
      self.efficiency = efficiency
      self.volatilityHistory = volatilityHistory
      self.volatilityMinimum = volatilityMinimum
      self.highVolatility = highVolatility
      self.lowVolatility = lowVolatility
      self.breakout = breakout
      self.pastTrend = pastTrend
      self.retracement = retracement
      self.confirmation = confirmation
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
      case window, adx, efficiency, breakout, retracement, confirmation
      case rangeBars = "range_bars"
      case adxPeriod = "adx_period"
      case volatilityHistory = "volatility_history"
      case volatilityMinimum = "volatility_minimum"
      case highVolatility = "high_volatility"
      case lowVolatility = "low_volatility"
      case pastTrend = "past_trend"
    }

    /// Reads the rules; a missing key takes its default, an unknown one is rejected.
    public init(from decoder: any Decoder) throws {
      try decoder.rejectUnknownKeys(CodingKeys.self)
      let values = try decoder.container(keyedBy: CodingKeys.self)
      func integer(_ key: CodingKeys) throws -> Int? { try values.decodeIfPresent(Int.self, forKey: key) }
      func limits(_ key: CodingKeys) throws -> Threshold? {
        try values.decodeIfPresent(Threshold.self, forKey: key)
      }
      self.init()
      window = try integer(.window) ?? window
      rangeBars = try integer(.rangeBars) ?? rangeBars
      adxPeriod = try integer(.adxPeriod) ?? adxPeriod
      adx = try limits(.adx) ?? adx
      efficiency = try limits(.efficiency) ?? efficiency
      volatilityHistory = try integer(.volatilityHistory) ?? volatilityHistory
      volatilityMinimum = try integer(.volatilityMinimum) ?? volatilityMinimum
      highVolatility = try limits(.highVolatility) ?? highVolatility
      lowVolatility = try limits(.lowVolatility) ?? lowVolatility
      breakout = try limits(.breakout) ?? breakout
      pastTrend = try limits(.pastTrend) ?? pastTrend
      retracement = try limits(.retracement) ?? retracement
      confirmation = try integer(.confirmation) ?? confirmation
    }

    /// Checks every number.
    /// - Throws: `TernError` of kind `configuration` naming the key.
    public func validate() throws(TernError) {
      for (key, value, least) in [
        ("window", window, 2), ("range_bars", rangeBars, 2), ("adx_period", adxPeriod, 2),
        ("volatility_history", volatilityHistory, 10), ("volatility_minimum", volatilityMinimum, 10),
        ("confirmation", confirmation, 1),
      ] where value < least || value > 10_000_000 {
        throw TernError(
          .configuration, "is out of range", key: key, found: "\(value)", expected: "\(least) or more")
      }
      if volatilityMinimum > volatilityHistory {
        throw TernError(
          .configuration, "is out of range", key: "volatility_minimum", found: "\(volatilityMinimum)",
          expected: "at most volatility_history \(volatilityHistory)")
      }
      for (key, limits) in [
        ("adx", adx), ("efficiency", efficiency), ("high_volatility", highVolatility), ("breakout", breakout),
        ("past_trend", pastTrend), ("retracement", retracement),
      ] where !(limits.leave <= limits.enter && limits.enter.isFinite && limits.leave.isFinite) {
        throw TernError(
          .configuration, "leaves before it enters", key: key,
          found: "enter \(limits.enter), leave \(limits.leave)",
          expected: "leave at most enter")
      }
      guard lowVolatility.leave >= lowVolatility.enter else {
        throw TernError(
          .configuration, "leaves before it enters", key: "low_volatility",
          found: "enter \(lowVolatility.enter), leave \(lowVolatility.leave)",
          expected: "leave at least enter")
      }
    }
  }
}
