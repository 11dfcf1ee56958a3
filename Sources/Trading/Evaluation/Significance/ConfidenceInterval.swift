/// An estimate with the interval that covers the truth at a stated level.
public struct ConfidenceInterval: Codable, Equatable, Sendable {
  /// How an interval was made.
  public enum Method: String, Codable, Sendable {
    /// Wilson's score interval of a proportion.
    case wilson
    /// DeLong's asymptotic interval of an AUC; rows must be independent.
    case delong
    /// Percentiles over resampled blocks of UTC days.
    case blockBootstrap = "block_bootstrap"
  }

  /// The estimate from all the data.
  public let estimate: Double
  /// Lower end.
  public let lower: Double
  /// Upper end.
  public let upper: Double
  /// Confidence level, for example 0.95.
  public let level: Double
  /// How it was made.
  public let method: Method

  /// Gathers the parts.
  public init(estimate: Double, lower: Double, upper: Double, level: Double, method: Method) {
    self.estimate = estimate
    self.lower = lower
    self.upper = upper
    self.level = level
    self.method = method
  }

  /// Wilson's score interval of an observed rate:
  /// (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n).
  ///
  /// Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
  /// - Parameter count: number of trials, positive; may be an effective number.
  public static func wilson(rate: Double, count: Double, level: Double = 0.95) -> ConfidenceInterval {
    precondition(count > 0 && (0...1).contains(rate), "Wilson's interval needs a rate in [0, 1] and trials")
    let z = NormalDistribution.quantile(0.5 + level / 2)
    let zz = z * z / count
    let centre = (rate + zz / 2) / (1 + zz)
    let half = z / (1 + zz) * (rate * (1 - rate) / count + zz / (4 * count)).squareRoot()
    return ConfidenceInterval(
      estimate: rate, lower: rate == 0 ? 0 : max(0, centre - half),
      upper: rate == 1 ? 1 : min(1, centre + half),
      level: level, method: .wilson)
  }
}
