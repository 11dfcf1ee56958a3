import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How much a Sharpe ratio can be trusted, given its length, the shape of its returns and the number of tries.
///
/// Sources: Bailey & López de Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2), 2012
/// (probabilistic Sharpe ratio, minimum track record length), and "The Deflated Sharpe Ratio", Journal of Portfolio
/// Management 40(5), 2014. All ratios are per period of the returns given, not annualised; returns should be of
/// equal periods (days) that do not overlap.
public struct SharpeSignificance: Codable, Equatable, Sendable {
  /// Number of returns T.
  public let count: Int
  /// Mean over sample standard deviation (n − 1) of the returns, per period.
  public let sharpe: Double
  /// Skewness γ₃, population form m₃/m₂^1.5.
  public let skewness: Double
  /// Kurtosis γ₄, population form m₄/m₂², 3 for a normal distribution.
  public let kurtosis: Double
  /// Probability that the true Sharpe ratio is above zero:
  /// Φ(SR·√(T − 1) / √(1 − γ₃·SR + (γ₄ − 1)/4·SR²)).
  public let probabilistic: Double
  /// Number of independent trials behind the chosen strategy.
  public let trials: Int
  /// The Sharpe ratio that the best of `trials` worthless strategies is expected to show:
  /// √V·((1 − γ)·Φ⁻¹(1 − 1/N) + γ·Φ⁻¹(1 − 1/(N·e))), with γ the Euler–Mascheroni constant; zero for one trial.
  public let expectedMaximum: Double
  /// Probability that the true Sharpe ratio is above `expectedMaximum`: the deflated Sharpe ratio.
  public let deflated: Double
  /// Returns needed before a true Sharpe ratio above zero can be claimed at 95 %; nil when the ratio is not positive.
  public let minimumTrackRecord: Double?

  /// Judges a series of returns.
  /// - Parameters:
  ///   - returns: returns per period, fractions.
  ///   - trials: number of independent configurations tried, at least 1.
  ///   - trialVariance: variance of the Sharpe ratios (per period) across the trials; when nil, 1/(T − 1), the
  ///     sampling variance of a worthless normal strategy.
  /// - Returns: Nil for fewer than 3 returns or returns without spread.
  /// - Throws: `TernError` of kind `data` for returns that are not finite; `configuration` for trials below 1 or a
  ///   negative variance.
  public static func judge(
    returns: [Double], trials: Int = 1, trialVariance: Double? = nil
  ) throws(TernError) -> SharpeSignificance? {
    try MetricInput.checkFinite(returns, name: "return")
    guard trials >= 1 else {
      throw TernError(.configuration, "out of range", key: "trials", found: "\(trials)", expected: "≥ 1")
    }
    if let trialVariance, !(trialVariance >= 0 && trialVariance.isFinite) {
      throw TernError(
        .configuration, "out of range", key: "trialVariance", found: "\(trialVariance)",
        expected: "a number ≥ 0")
    }
    let n = Double(returns.count)
    guard returns.count >= 3 else { return nil }
    let mean = returns.reduce(0, +) / n
    var m2 = 0.0
    var m3 = 0.0
    var m4 = 0.0
    for value in returns {
      let d = value - mean
      m2 += d * d
      m3 += d * d * d
      m4 += d * d * d * d
    }
    let deviation = (m2 / (n - 1)).squareRoot()
    // Constant returns leave only rounding noise behind; a ratio to it would be meaningless.
    let scale = returns.reduce(0) { max($0, abs($1)) }
    guard deviation > scale * 1e-12 else { return nil }
    let sharpe = mean / deviation
    let skewness = m3 / n / pow(m2 / n, 1.5)
    let kurtosis = m4 / n / ((m2 / n) * (m2 / n))
    let spread = spread(sharpe: sharpe, skewness: skewness, kurtosis: kurtosis)
    let expected = expectedMaximumSharpe(trials: trials, variance: trialVariance ?? 1 / (n - 1))
    let root = (n - 1).squareRoot()
    let z95 = NormalDistribution.quantile(0.95)
    return SharpeSignificance(
      count: returns.count, sharpe: sharpe, skewness: skewness, kurtosis: kurtosis,
      probabilistic: NormalDistribution.cumulative(sharpe * root / spread),
      trials: trials, expectedMaximum: expected,
      deflated: NormalDistribution.cumulative((sharpe - expected) * root / spread),
      minimumTrackRecord: sharpe > 0 ? 1 + spread * spread * (z95 / sharpe) * (z95 / sharpe) : nil)
  }

  /// √(1 − γ₃·SR + (γ₄ − 1)/4·SR²), by which returns off the normal shape widen the error of a Sharpe ratio.
  static func spread(sharpe: Double, skewness: Double, kurtosis: Double) -> Double {
    // Never negative, as γ₄ ≥ γ₃² + 1; returns of only two values can bring it to zero, up to rounding.
    max(1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe * sharpe, 1e-12).squareRoot()
  }

  /// The expected largest Sharpe ratio among worthless trials.
  public static func expectedMaximumSharpe(trials: Int, variance: Double) -> Double {
    guard trials > 1 else { return 0 }
    let n = Double(trials)
    let gamma = 0.577215664901532860606512090082
    return variance.squareRoot()
      * ((1 - gamma) * NormalDistribution.quantile(1 - 1 / n)
        + gamma * NormalDistribution.quantile(1 - 1 / (n * exp(1.0))))
  }
}
