import Diagnostics

extension Metrics {
  /// Area under the ROC curve: the weighted probability that a positive scores above a negative, ties counting half.
  ///
  /// Exact for any ties, O(n log n). Nil when one of the two classes has no weight.
  /// - Parameters:
  ///   - isPositive: whether each row is of the positive class.
  ///   - scores: any finite scores, higher meaning more likely positive.
  /// - Throws: `TernError` of kind `data` for unequal lengths, scores that are not finite, or unusable weights.
  public static func auc(
    isPositive: [Bool], scores: [Double], weights: [Double]? = nil
  ) throws(TernError) -> Double? {
    let ranking = try Ranking(isPositive: isPositive, scores: scores)
    try MetricInput.checkWeights(weights, rows: scores.count)
    return ranking.auc { weights?[$0] ?? 1 }
  }

  /// One-vs-rest AUC of every class; nil for a class that is absent or alone.
  /// - Throws: `TernError` of kind `data` for unusable labels or weights.
  public static func aucPerClass(
    labels: [Int], probabilities: ClassProbabilities, weights: [Double]? = nil
  ) throws(TernError) -> [Double?] {
    try MetricInput.checkLabels(labels, rows: probabilities.rows, classes: probabilities.classes)
    var result: [Double?] = []
    for k in 0..<probabilities.classes {
      result.append(
        try auc(isPositive: labels.map { $0 == k }, scores: probabilities.column(k), weights: weights))
    }
    return result
  }

  /// Unweighted mean of the one-vs-rest AUCs, nil unless every class has one.
  /// - Throws: `TernError` of kind `data` for unusable labels or weights.
  public static func macroAUC(
    labels: [Int], probabilities: ClassProbabilities, weights: [Double]? = nil
  ) throws(TernError) -> Double? {
    mean(ofAll: try aucPerClass(labels: labels, probabilities: probabilities, weights: weights))
  }

  static func mean(ofAll values: [Double?]) -> Double? {
    var sum = 0.0
    for value in values {
      guard let value else { return nil }
      sum += value
    }
    return values.isEmpty ? nil : sum / Double(values.count)
  }
}

/// Rows sorted by score once, so that an AUC under any weights is one pass.
struct Ranking {
  /// Row indices in ascending order of score.
  let order: [Int32]
  /// Whether the row at each position of `order` is positive.
  let isPositive: [Bool]
  /// Whether each position starts a new score, that is, is not tied with the position before.
  let startsGroup: [Bool]

  init(isPositive labels: [Bool], scores: [Double]) throws(TernError) {
    guard labels.count == scores.count else {
      throw TernError(
        .data, "labels and scores differ in number", found: "\(labels.count) labels",
        expected: "\(scores.count)")
    }
    try MetricInput.checkFinite(scores, name: "score")
    var keyed = scores.indices.map { (score: scores[$0], row: Int32($0)) }
    keyed.sort { $0.score < $1.score || ($0.score == $1.score && $0.row < $1.row) }
    order = keyed.map(\.row)
    isPositive = keyed.map { labels[Int($0.row)] }
    startsGroup = keyed.indices.map { $0 == 0 || keyed[$0].score != keyed[$0 - 1].score }
  }

  /// Σ over positives of (negative weight below + half the negative weight tied) / (W⁺ W⁻); nil without both classes.
  func auc(weight: (Int) -> Double) -> Double? {
    var concordant = 0.0
    var negativesBelow = 0.0
    var positives = 0.0
    var groupPositive = 0.0
    var groupNegative = 0.0
    for position in order.indices {
      if startsGroup[position] {
        concordant += groupPositive * (negativesBelow + 0.5 * groupNegative)
        positives += groupPositive
        negativesBelow += groupNegative
        groupPositive = 0
        groupNegative = 0
      }
      let rowWeight = weight(Int(order[position]))
      if isPositive[position] { groupPositive += rowWeight } else { groupNegative += rowWeight }
    }
    concordant += groupPositive * (negativesBelow + 0.5 * groupNegative)
    positives += groupPositive
    negativesBelow += groupNegative
    guard positives > 0, negativesBelow > 0 else { return nil }
    return concordant / (positives * negativesBelow)
  }
}
