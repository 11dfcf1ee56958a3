import Calibration
import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension TemperatureScaling {
  /// Temperatures are sought between 1/range and range: beyond, a row is uniform or certain for all purposes.
  static let range = 100.0

  /// Fits the temperature of least weighted cross-entropy.
  ///
  /// The loss is convex in β = 1/T, Σ w·(ln Σ_k e^{βz_k} − βz_y) with z = ln p, so its derivative is increasing and
  /// is driven to zero (1e-13) by Newton steps kept inside a shrinking bracket of T from 1/100 to 100. Perfectly
  /// separated rows have no minimum and end where the loss no longer changes, at the latest at 1/100; uniform rows do
  /// not depend on T and give T = 1.
  /// - Throws: `TernError` of kind `data` for unusable labels or weights.
  public static func fit(
    labels: [Int], probabilities: ClassProbabilities, weights: [Double]? = nil
  ) throws(TernError) -> TemperatureScaling {
    let classes = probabilities.classes
    try MetricInput.checkLabels(labels, rows: probabilities.rows, classes: classes)
    try MetricInput.checkWeights(weights, rows: probabilities.rows)
    let logits = probabilities.values.map { log(max($0, 1e-15)) }
    var powers = [Double](repeating: 0, count: classes)
    /// First and second derivative of the mean loss in β.
    func derivatives(_ beta: Double) -> (first: Double, second: Double) {
      var (first, second, total) = (0.0, 0.0, 0.0)
      for row in labels.indices {
        let base = row * classes
        let weight = weights?[row] ?? 1
        var largest = -Double.infinity
        for k in 0..<classes { largest = max(largest, logits[base + k]) }
        var (sum, mean, square) = (0.0, 0.0, 0.0)
        for k in 0..<classes {
          let z = logits[base + k] - largest
          powers[k] = exp(beta * z)
          sum += powers[k]
          mean += powers[k] * z
          square += powers[k] * z * z
        }
        mean /= sum
        first += weight * (mean - (logits[base + labels[row]] - largest))
        second += weight * max(0, square / sum - mean * mean)
        total += weight
      }
      return (first / total, second / total)
    }
    var low = 1 / range
    var high = range
    var beta = 1.0
    for _ in 0..<200 {
      let (first, second) = derivatives(beta)
      if abs(first) < 1e-13 || high - low < 1e-14 * high { break }
      if first > 0 { high = beta } else { low = beta }
      let next = beta - first / second
      // Bisect where Newton leaves the bracket, and where the curvature vanishes.
      let candidate = next > low && next < high ? next : (low * high).squareRoot()
      if abs(candidate - beta) <= 1e-14 * beta { break }
      beta = candidate
    }
    return try TemperatureScaling(temperature: 1 / beta)
  }
}
