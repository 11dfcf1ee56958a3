import Market

/// What a stack says at the close of one candle.
public struct Decision: Equatable, Sendable {
  /// Start of the candle, milliseconds since the epoch, UTC.
  public var openTime: Int64
  /// Close of the candle, the moment of the decision.
  public var closeTime: Int64
  /// XXH64 (seed 0) of the feature row's bits, every NaN written as `0x7fc00000`.
  public var featureDigest: UInt64
  /// Layer 1's probabilities in the order of `Regime.allCases`; the eighth lane is zero, all are zero when unknown.
  public var regimeProbabilities: SIMD8<Float> = .zero
  /// The most probable regime, the first of equals; nil when unknown.
  public var regime: Regime?
  /// Layer 3's `[P(long), P(short), P(neutral), 0]`; all zero when unknown.
  public var rawProbabilities: SIMD4<Double> = .zero
  /// The same after calibration.
  public var probabilities: SIMD4<Double> = .zero
  /// The most probable direction after calibration, the first of equals; NEUTRAL when unknown.
  public var direction: Direction = .neutral
  /// Calibrated probability of `direction`, 0…1; zero when unknown.
  public var confidence: Double = 0
  /// What a trade in `direction` is expected to earn after costs, a fraction of its notional; zero for NEUTRAL.
  public var expectedValue: Double = 0
  /// Direction to trade after all rules: LONG and SHORT only with the reason EXECUTE.
  public var verdict: Direction = .neutral
  /// Why.
  public var reason: VerdictReason

  /// A decision that knows nothing but its candle.
  public init(openTime: Int64, closeTime: Int64, featureDigest: UInt64, reason: VerdictReason) {
    self.openTime = openTime
    self.closeTime = closeTime
    self.featureDigest = featureDigest
    self.reason = reason
  }

  /// Whether the signal is to be traded.
  public var executes: Bool { reason == .execute }
}
