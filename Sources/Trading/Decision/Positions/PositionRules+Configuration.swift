import Diagnostics
import Market

extension PositionRules {
  /// What an executed signal against the position does.
  public enum OnOpposite: String, Codable, Sendable, CaseIterable {
    /// It is passed over; the position ends by its own exits.
    case ignore
    /// It closes the position.
    case close
    /// It closes the position and opens its own.
    case reverse
  }

  /// A part of the position to be closed at a gain.
  public struct PartialProfit: Codable, Equatable, Sendable {
    /// Gain at a close, a fraction of the entry price, from which on the part is closed.
    public var at: Rate
    /// Share of the initial quantity, rounded down to a step.
    public var share: Rate

    /// Gathers the parts.
    public init(at: Rate, share: Rate) {
      self.at = at
      self.share = share
    }

    private enum CodingKeys: String, CodingKey, CaseIterable { case at, share }

    /// Reads both values; an unknown key is rejected.
    public init(from decoder: any Decoder) throws {
      try decoder.rejectUnknownKeys(CodingKeys.self)
      let values = try decoder.container(keyedBy: CodingKeys.self)
      guard let at = try values.decodeFixedPoint(Rate.self, forKey: .at),
        let share = try values.decodeFixedPoint(Rate.self, forKey: .share)
      else {
        let path = decoder.codingPath.map(\.stringValue).joined(separator: ".")
        throw TernError(.configuration, "lacks a value", key: path, expected: "at and share")
      }
      self.init(at: at, share: share)
    }
  }

  /// Rules of sizes and exits beyond those of the stack; the defaults trade exactly the exits it was judged with.
  public struct Configuration: Codable, Equatable, Sendable {
    /// Whether the size grows with the confidence: from `minimum_size` at the threshold, in a straight line, to full size at
    /// `full_confidence`; default true. Off, every position has full size.
    public var confidenceScaling: Bool
    /// Share of the full size at the threshold, above 0, at most 1; default 0.5.
    public var minimumSize: Rate
    /// Confidence from which on a position has full size, 0…1; default 0.85.
    public var fullConfidence: Double
    /// Volatility of a candle (standard deviation of its return, a fraction) above which the size shrinks in proportion;
    /// default none.
    public var targetVolatility: Double?
    /// Candles that the measured volatility looks back on, as the span of an exponential average; default 60.
    public var volatilityWindow: Int
    /// Parts to be closed at a profit, by rising gain; default none.
    public var partialProfits: [PartialProfit]
    /// How often a winning position is enlarged at most; default 0.
    public var maximumAdds: Int
    /// Gain over the average entry price, a fraction, from which on a position is enlarged; default 0.005.
    public var addAt: Rate
    /// Share of the initial quantity that each enlargement adds, rounded down to a step; default 0.5.
    public var addShare: Rate
    /// Gain at a close, a fraction, from which on the stop rests where the position ends without loss after costs;
    /// default none.
    public var breakEvenAt: Rate?
    /// Best gain since the entry, a fraction, from which on the stop trails the best price; default none.
    public var trailFrom: Rate?
    /// Distance of the trailing stop from the best price, a fraction of it; default 0.005.
    public var trailDistance: Rate
    /// Probability of the regimes hostile to a position, taken together, from which on it is closed at once and none is
    /// opened; default none. Hostile to a long are TRENDING_DOWN, REVERSAL and HIGH_VOLATILITY, to a short
    /// TRENDING_UP, REVERSAL and HIGH_VOLATILITY.
    public var emergencyRegimeProbability: Double?
    /// What an executed signal against the position does; default ignore.
    public var onOpposite: OnOpposite

    /// Creates a configuration; every value has the default that its property states.
    public init(
      confidenceScaling: Bool = true, minimumSize: Rate = Rate(units: 50_000_000),
      fullConfidence: Double = 0.85, targetVolatility: Double? = nil, volatilityWindow: Int = 60,
      partialProfits: [PartialProfit] = [], maximumAdds: Int = 0, addAt: Rate = Rate(units: 500_000),
      addShare: Rate = Rate(units: 50_000_000), breakEvenAt: Rate? = nil, trailFrom: Rate? = nil,
      trailDistance: Rate = Rate(units: 500_000), emergencyRegimeProbability: Double? = nil,
      onOpposite: OnOpposite = .ignore
    ) {
      self.confidenceScaling = confidenceScaling
      self.minimumSize = minimumSize
      self.fullConfidence = fullConfidence
      self.targetVolatility = targetVolatility
      self.volatilityWindow = volatilityWindow
      self.partialProfits = partialProfits
      self.maximumAdds = maximumAdds
      self.addAt = addAt
      self.addShare = addShare
      self.breakEvenAt = breakEvenAt
      self.trailFrom = trailFrom
      self.trailDistance = trailDistance
      self.emergencyRegimeProbability = emergencyRegimeProbability
      self.onOpposite = onOpposite
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
      case confidenceScaling = "confidence_scaling"
      case minimumSize = "minimum_size"
      case fullConfidence = "full_confidence"
      case targetVolatility = "target_volatility"
      case volatilityWindow = "volatility_window"
      case partialProfits = "partial_profits"
      case maximumAdds = "maximum_adds"
      case addAt = "add_at"
      case addShare = "add_share"
      case breakEvenAt = "break_even_at"
      case trailFrom = "trail_from"
      case trailDistance = "trail_distance"
      case emergencyRegimeProbability = "emergency_regime_probability"
      case onOpposite = "on_opposite"
    }

    /// Reads a configuration; a missing key takes its default, an unknown one is rejected. Rates may be written as text
    /// or as numbers.
    public init(from decoder: any Decoder) throws {
      try decoder.rejectUnknownKeys(CodingKeys.self)
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init()
      func rate(_ key: CodingKeys) throws -> Rate? { try values.decodeFixedPoint(Rate.self, forKey: key) }
      confidenceScaling =
        try values.decodeIfPresent(Bool.self, forKey: .confidenceScaling) ?? confidenceScaling
      minimumSize = try rate(.minimumSize) ?? minimumSize
      fullConfidence = try values.decodeIfPresent(Double.self, forKey: .fullConfidence) ?? fullConfidence
      targetVolatility = try values.decodeIfPresent(Double.self, forKey: .targetVolatility)
      volatilityWindow = try values.decodeIfPresent(Int.self, forKey: .volatilityWindow) ?? volatilityWindow
      partialProfits =
        try values.decodeIfPresent([PartialProfit].self, forKey: .partialProfits) ?? partialProfits
      maximumAdds = try values.decodeIfPresent(Int.self, forKey: .maximumAdds) ?? maximumAdds
      addAt = try rate(.addAt) ?? addAt
      addShare = try rate(.addShare) ?? addShare
      breakEvenAt = try rate(.breakEvenAt)
      trailFrom = try rate(.trailFrom)
      trailDistance = try rate(.trailDistance) ?? trailDistance
      emergencyRegimeProbability =
        try values.decodeIfPresent(Double.self, forKey: .emergencyRegimeProbability)
      onOpposite = try values.decodeIfPresent(OnOpposite.self, forKey: .onOpposite) ?? onOpposite
    }

    /// Checks every value.
    /// - Throws: `TernError` of kind `configuration` naming the key.
    public func validate() throws(TernError) {
      try within(minimumSize, "minimum_size", isOneAllowed: true)
      try require(
        fullConfidence >= 0 && fullConfidence <= 1, "full_confidence", "\(fullConfidence)", "0 to 1")
      if let target = targetVolatility {
        try require(
          target > 0 && target.isFinite, "target_volatility", "\(target)", "a positive number")
      }
      try require(
        (2...100_000).contains(volatilityWindow), "volatility_window", "\(volatilityWindow)", "2 to 100000")
      try require(
        partialProfits.count <= 100, "partial_profits", "\(partialProfits.count) parts", "at most 100")
      var share = Int64(0)
      for (index, part) in partialProfits.enumerated() {
        try within(part.at, "partial_profits.\(index).at")
        try within(part.share, "partial_profits.\(index).share", isOneAllowed: true)
        try require(
          index == 0 || part.at > partialProfits[index - 1].at, "partial_profits.\(index).at",
          part.at.description, "more than the part before")
        share += part.share.units
      }
      try require(
        share <= Rate.scale, "partial_profits", "shares that sum to \(Rate(units: share))", "at most 1")
      try require((0...100).contains(maximumAdds), "maximum_adds", "\(maximumAdds)", "0 to 100")
      try within(addAt, "add_at")
      try within(addShare, "add_share", isOneAllowed: true)
      if let breakEvenAt { try within(breakEvenAt, "break_even_at") }
      if let trailFrom { try within(trailFrom, "trail_from") }
      try within(trailDistance, "trail_distance")
      if let probability = emergencyRegimeProbability {
        try require(
          probability > 0 && probability <= 1, "emergency_regime_probability", "\(probability)",
          "above 0, at most 1")
      }
    }

    private func within(_ rate: Rate, _ key: String, isOneAllowed: Bool = false) throws(TernError) {
      try require(
        rate > .zero && (rate < .one || (isOneAllowed && rate == .one)), key, rate.description,
        isOneAllowed ? "above 0, at most 1" : "between 0 and 1")
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
