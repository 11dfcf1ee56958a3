import Compute

/// What a numeric column goes through before a network sees it, fitted on training rows.
public enum NumericTransform: Sendable, Equatable {
  /// The value as it is.
  case identity
  /// (x - centre) / scale: mean and standard deviation (n in the denominator), or median and distance of the quartiles.
  case linear(center: Double, scale: Double)
  /// Through quantiles to a normal distribution.
  case quantile(QuantileTable)

  /// The transformed value of a finite one.
  public func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .identity: x
    case .linear(let center, let scale): Float((Double(x) - center) / scale)
    case .quantile(let table): Float(table.normal(Double(x)))
    }
  }
}

extension NumericTransform {
  /// Fits a kind to the present values of a column; none leave it as it is.
  /// - Parameters:
  ///   - values: finite values.
  ///   - random: a generator of the column's own, for noise and sampling.
  init(
    fitting values: [Float], _ configuration: PreprocessingConfiguration, random: inout Philox
  ) {
    guard !values.isEmpty, configuration.numeric != .none else {
      self = .identity
      return
    }
    let x = values.map(Double.init)
    switch configuration.numeric {
    case .none: self = .identity
    case .standard:
      let (mean, variance) = NumericTransform.moments(of: x)
      let n = Double(x.count)
      // What rounding alone makes of a constant column is no spread (scikit-learn's `_is_constant_feature`).
      let rounding =
        n * Double.ulpOfOne * variance + (n * mean * Double.ulpOfOne) * (n * mean * Double.ulpOfOne)
      self = .linear(center: mean, scale: variance <= rounding ? 1 : variance.squareRoot())
    case .robust:
      let sorted = x.sorted()
      let spread =
        QuantileTable.quantile(of: sorted, at: 0.75) - QuantileTable.quantile(of: sorted, at: 0.25)
      self = .linear(
        center: QuantileTable.quantile(of: sorted, at: 0.5),
        scale: spread < 10 * Double.ulpOfOne ? 1 : spread)
    case .quantileNormal:
      self = .quantile(NumericTransform.quantiles(of: x, configuration, random: &random))
    }
  }

  /// Quantiles of values with noise, N(0, (s / max(std, s))²) for s the configured size, which parts equal values (the
  /// rule of the FT-Transformer's authors).
  private static func quantiles(
    of values: [Double], _ configuration: PreprocessingConfiguration, random: inout Philox
  ) -> QuantileTable {
    var x = values
    let count = configuration.quantiles > 0 ? configuration.quantiles : max(min(x.count / 30, 1000), 10)
    if configuration.noise > 0 {
      let deviation = moments(of: x).variance.squareRoot()
      let size = configuration.noise / max(deviation, configuration.noise)
      for index in x.indices { x[index] += size * random.normal() }
    }
    if configuration.subsample > 0, configuration.subsample < x.count {
      x = random.sample(configuration.subsample, of: x.count).map { x[Int($0)] }
    }
    return QuantileTable(of: x, count: max(1, min(count, x.count)))
  }

  /// Mean and variance (n in the denominator), in two passes.
  static func moments(of x: [Double]) -> (mean: Double, variance: Double) {
    let n = Double(x.count)
    let mean = x.reduce(0, +) / n
    return (mean, x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n)
  }
}
