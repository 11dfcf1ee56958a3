import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Metrics on plain arrays. Every one takes optional sample weights; weights scale freely.
public enum Metrics {
  /// Multiclass (or binary) cross-entropy −Σ w·ln p(label) / Σ w, in nats.
  ///
  /// Probabilities are held at or above 2⁻⁵², the machine epsilon that scikit-learn's `log_loss` uses for doubles, so the
  /// result is finite.
  /// - Throws: `TernError` of kind `data` for labels that are no class index, or unusable weights.
  public static func logLoss(
    labels: [Int], probabilities: ClassProbabilities, weights: [Double]? = nil
  ) throws(TernError) -> Double {
    try MetricInput.checkLabels(labels, rows: probabilities.rows, classes: probabilities.classes)
    try MetricInput.checkWeights(weights, rows: probabilities.rows)
    var sum = 0.0
    var total = 0.0
    for row in labels.indices {
      let weight = weights?[row] ?? 1
      let p = min(max(probabilities[row, labels[row]], 0x1p-52), 1 - 0x1p-52)
      sum -= weight * log(p)
      total += weight
    }
    return sum / total
  }

  /// Share of rows whose most probable class is the label.
  /// - Throws: `TernError` of kind `data` for labels that are no class index, or unusable weights.
  public static func accuracy(
    labels: [Int], probabilities: ClassProbabilities, weights: [Double]? = nil
  ) throws(TernError) -> Double {
    try MetricInput.checkLabels(labels, rows: probabilities.rows, classes: probabilities.classes)
    try MetricInput.checkWeights(weights, rows: probabilities.rows)
    var hits = 0.0
    var total = 0.0
    for row in labels.indices {
      let weight = weights?[row] ?? 1
      if probabilities.predictedClass(row) == labels[row] { hits += weight }
      total += weight
    }
    return hits / total
  }

  /// Brier score of a binary model, the mean of (p − y)², from 0 (perfect) to 1.
  ///
  /// Source: Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950, in its usual halved form.
  /// - Throws: `TernError` of kind `data` when there are not two classes, or for unusable labels or weights.
  public static func brierBinary(
    labels: [Int], probabilities: ClassProbabilities, weights: [Double]? = nil
  ) throws(TernError) -> Double {
    guard probabilities.classes == 2 else {
      throw TernError(.data, "the binary Brier score needs two classes", found: "\(probabilities.classes)")
    }
    return try brierMulticlass(labels: labels, probabilities: probabilities, weights: weights) / 2
  }

  /// Brier score over all classes, the mean of Σ_k (p_k − y_k)², from 0 (perfect) to 2; for two classes it is twice
  /// the binary score.
  /// - Throws: `TernError` of kind `data` for unusable labels or weights.
  public static func brierMulticlass(
    labels: [Int], probabilities: ClassProbabilities, weights: [Double]? = nil
  ) throws(TernError) -> Double {
    try MetricInput.checkLabels(labels, rows: probabilities.rows, classes: probabilities.classes)
    try MetricInput.checkWeights(weights, rows: probabilities.rows)
    var sum = 0.0
    var total = 0.0
    for row in labels.indices {
      let weight = weights?[row] ?? 1
      var squares = 0.0
      for k in 0..<probabilities.classes {
        let error = probabilities[row, k] - (k == labels[row] ? 1 : 0)
        squares += error * error
      }
      sum += weight * squares
      total += weight
    }
    return sum / total
  }
}

extension Metrics {
  /// Entropy −Σ p ln p of a distribution, in nats.
  public static func entropy(ofShares shares: [Double]) -> Double {
    shares.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
  }
}
