import Diagnostics

/// Weighted counts of (label, predicted class) pairs.
public struct ConfusionMatrix: Codable, Equatable, Sendable {
  /// Names of the classes in index order.
  public let classNames: [String]
  /// Weight of the rows of each label (outer) and predicted class (inner).
  public let counts: [[Double]]

  /// Counts predictions by their most probable class.
  /// - Throws: `TernError` of kind `data` for unusable labels or weights, or names that do not fit the classes.
  public init(
    labels: [Int], probabilities: ClassProbabilities, weights: [Double]? = nil, classNames: [String]
  ) throws(TernError) {
    let classes = probabilities.classes
    try MetricInput.checkLabels(labels, rows: probabilities.rows, classes: classes)
    try MetricInput.checkWeights(weights, rows: probabilities.rows)
    guard classNames.count == classes else {
      throw TernError(
        .data, "class names do not fit the classes", found: "\(classNames.count) names",
        expected: "\(classes)")
    }
    var counts = [[Double]](repeating: [Double](repeating: 0, count: classes), count: classes)
    for row in labels.indices {
      counts[labels[row]][probabilities.predictedClass(row)] += weights?[row] ?? 1
    }
    self.classNames = classNames
    self.counts = counts
  }

  /// Precision, recall, F1 and support of every class.
  public var perClass: [ClassScores] {
    classNames.indices.map { k in
      let hits = counts[k][k]
      let support = counts[k].reduce(0, +)
      let predicted = counts.reduce(0) { $0 + $1[k] }
      return ClassScores(
        name: classNames[k],
        precision: predicted > 0 ? hits / predicted : nil,
        recall: support > 0 ? hits / support : nil,
        f1: predicted + support > 0 ? 2 * hits / (predicted + support) : nil,
        support: support, predicted: predicted)
    }
  }
}

/// How one class was predicted. A ratio without a denominator is nil, never zero or one.
public struct ClassScores: Codable, Equatable, Sendable {
  /// Name of the class.
  public let name: String
  /// Share of the predictions of this class that were right; nil when it was never predicted.
  public let precision: Double?
  /// Share of the rows of this class that were found; nil when it never occurred.
  public let recall: Double?
  /// Harmonic mean of precision and recall, 2·TP / (2·TP + FP + FN); nil when neither occurred nor predicted.
  public let f1: Double?
  /// Weight of the rows labelled with this class.
  public let support: Double
  /// Weight of the rows predicted as this class.
  public let predicted: Double
}
