import Diagnostics

/// What happened in the rows on which a decision would act: confidence at or above a threshold.
///
/// A threshold on probabilities means something only if, among the rows above it, the hit rate is what the
/// probabilities say. `gap` is that difference; positive means overconfident.
public struct ConfidentSlice: Codable, Equatable, Sendable {
  /// Lowest confidence that belongs to the slice.
  public let threshold: Double
  /// Number of rows in the slice.
  public let count: Int
  /// Kish's effective number of rows (Σw)² / Σw², equal to `count` without weights.
  public let effectiveCount: Double
  /// Weighted mean confidence; nil for an empty slice.
  public let meanConfidence: Double?
  /// Weighted share of rows whose predicted class was the label; nil for an empty slice.
  public let hitRate: Double?
  /// Mean confidence minus hit rate; nil for an empty slice.
  public let gap: Double?
  /// Wilson score interval of the hit rate on the effective count; nil for an empty slice. It treats rows as
  /// independent, so with overlapping labels the day-block bootstrap is the wider and honest one.
  public let wilson: ConfidenceInterval?

  /// Measures the slice.
  /// - Parameters:
  ///   - classes: predicted classes that count; a trading model names LONG and SHORT, because a confident NEUTRAL
  ///     trades nothing. Nil means all.
  ///   - level: confidence level of the Wilson interval.
  /// - Throws: `TernError` of kind `data` for unusable labels or weights.
  public init(
    labels: [Int], probabilities: ClassProbabilities, weights: [Double]? = nil, threshold: Double = 0.65,
    classes: [Int]? = nil, level: Double = 0.95
  ) throws(TernError) {
    try MetricInput.checkLabels(labels, rows: probabilities.rows, classes: probabilities.classes)
    try MetricInput.checkWeights(weights, rows: probabilities.rows)
    var count = 0
    var sum = 0.0
    var squares = 0.0
    var confidence = 0.0
    var hits = 0.0
    for row in labels.indices {
      let predicted = probabilities.predictedClass(row)
      guard probabilities[row, predicted] >= threshold, classes?.contains(predicted) ?? true else { continue }
      let weight = weights?[row] ?? 1
      count += 1
      sum += weight
      squares += weight * weight
      confidence += weight * probabilities[row, predicted]
      if predicted == labels[row] { hits += weight }
    }
    self.threshold = threshold
    self.count = count
    effectiveCount = squares > 0 ? sum * sum / squares : 0
    meanConfidence = sum > 0 ? confidence / sum : nil
    hitRate = sum > 0 ? hits / sum : nil
    gap = sum > 0 ? (confidence - hits) / sum : nil
    wilson = sum > 0 ? .wilson(rate: hits / sum, count: sum * sum / squares, level: level) : nil
  }
}
