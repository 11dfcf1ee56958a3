import Diagnostics
import Market
import Orders

/// Turns calibrated probabilities into a verdict: trade the most probable direction, or stay out.
///
/// A signal executes when its direction is LONG or SHORT, its calibrated confidence reaches the threshold, and (unless
/// switched off) what it is expected to earn after costs is above zero.
public struct VerdictRule: Equatable, Sendable {
  /// What a person may set.
  public struct Configuration: Codable, Equatable, Sendable {
    /// Least confidence that executes a signal, 0…1; it can raise the stack's threshold, never lower it. Default: the
    /// stack's.
    public var minimumConfidence: Double?
    /// Whether a signal must also promise a gain after costs; default true.
    public var requiresPositiveExpectedValue: Bool
    /// How much worse than the price of the moment a market order is assumed to fill, a fraction; default 0.0001.
    public var slippage: Rate
    /// How much worse than its trigger a stop is assumed to fill, a fraction; default 0.0001.
    public var stopSlippage: Rate

    /// Creates a configuration; every value has the default that its property states.
    public init(
      minimumConfidence: Double? = nil, requiresPositiveExpectedValue: Bool = true,
      slippage: Rate = Rate(units: 10_000), stopSlippage: Rate = Rate(units: 10_000)
    ) {
      self.minimumConfidence = minimumConfidence
      self.requiresPositiveExpectedValue = requiresPositiveExpectedValue
      self.slippage = slippage
      self.stopSlippage = stopSlippage
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
      case slippage
      case minimumConfidence = "minimum_confidence"
      case requiresPositiveExpectedValue = "requires_positive_expected_value"
      case stopSlippage = "stop_slippage"
    }

    /// Reads a configuration; a missing key takes its default, an unknown one is rejected.
    public init(from decoder: any Decoder) throws {
      try decoder.rejectUnknownKeys(CodingKeys.self)
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init()
      minimumConfidence = try values.decodeIfPresent(Double.self, forKey: .minimumConfidence)
      requiresPositiveExpectedValue =
        try values.decodeIfPresent(Bool.self, forKey: .requiresPositiveExpectedValue)
        ?? requiresPositiveExpectedValue
      slippage = try values.decodeFixedPoint(Rate.self, forKey: .slippage) ?? slippage
      stopSlippage = try values.decodeFixedPoint(Rate.self, forKey: .stopSlippage) ?? stopSlippage
    }

    /// Checks every value.
    /// - Throws: `TernError` of kind `configuration` naming the key.
    public func validate() throws(TernError) {
      if let minimumConfidence, !(minimumConfidence >= 0 && minimumConfidence <= 1) {
        throw TernError(
          .configuration, "is out of range", key: "minimum_confidence", found: "\(minimumConfidence)",
          expected: "0 to 1")
      }
      for (key, value) in [("slippage", slippage), ("stop_slippage", stopSlippage)]
      where value < .zero || value.units >= Rate.scale / 10 {
        throw TernError(
          .configuration, "is out of range", key: key, found: value.description,
          expected: "0 or more, below 0.1")
      }
    }
  }

  /// Least calibrated confidence that executes a signal.
  public let minimumConfidence: Double
  /// Whether a signal must also promise a gain after costs.
  public let requiresPositiveExpectedValue: Bool
  /// What a round trip is assumed to cost.
  public let costs: TradingCosts
  private let takeProfit, stopLoss, takerFee, slippage, stopSlippage: Double

  /// The rule of a stack in a market.
  /// - Throws: `TernError` of kind `configuration` for a value out of range or a threshold below the stack's, of kind
  ///   `data` for an impossible plan.
  public init(
    plan: TradePlan, takerFee: Rate, configuration: Configuration = Configuration()
  ) throws(TernError) {
    try plan.validate()
    try configuration.validate()
    let minimum = configuration.minimumConfidence ?? plan.confidence
    guard minimum >= plan.confidence else {
      throw TernError(
        .configuration, "lies below the threshold that the stack was judged with", key: "minimum_confidence",
        found: "\(minimum)", expected: "at least \(plan.confidence)")
    }
    minimumConfidence = minimum
    requiresPositiveExpectedValue = configuration.requiresPositiveExpectedValue
    costs = TradingCosts(
      takerFee: takerFee, slippage: configuration.slippage, stopSlippage: configuration.stopSlippage)
    takeProfit = plan.takeProfit.doubleValue
    stopLoss = plan.stopLoss.doubleValue
    self.takerFee = takerFee.doubleValue
    slippage = configuration.slippage.doubleValue
    stopSlippage = configuration.stopSlippage.doubleValue
  }

  /// What a trade is expected to earn after costs, a fraction of its entry notional.
  ///
  /// `p · takeProfit − (1 − p) · stopLoss − (2 · takerFee + slippage + (1 − p) · stopSlippage)`, all of them
  /// fractions of the entry notional. Both fills pay the taker fee and the entry slips; the take profit rests at its price;
  /// everything that does not reach it counts as a stopped trade, the worst of its outcomes.
  /// - Parameter confidence: p, the calibrated probability that the trade reaches its take profit first.
  public func expectedValue(confidence: Double) -> Double {
    let miss = 1 - confidence
    let costs = 2 * takerFee + slippage + miss * stopSlippage
    return confidence * takeProfit - miss * stopLoss - costs
  }

  /// Completes a decision whose direction and confidence are known.
  public func judge(_ decision: inout Decision) {
    decision.verdict = .neutral
    guard decision.direction != .neutral else {
      decision.expectedValue = 0
      decision.reason = .neutral
      return
    }
    decision.expectedValue = expectedValue(confidence: decision.confidence)
    // Both comparisons are written so that NaN does not pass.
    guard decision.confidence >= minimumConfidence else {
      decision.reason = .belowConfidence
      return
    }
    guard !requiresPositiveExpectedValue || decision.expectedValue > 0 else {
      decision.reason = .negativeExpectedValue
      return
    }
    decision.reason = .execute
    decision.verdict = decision.direction
  }
}
