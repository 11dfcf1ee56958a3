import Calibration
import Diagnostics

extension Calibrator {
  /// Fits a calibrator on rows that the model did not train on.
  ///
  /// Two classes get one map for class 1; more get one-vs-rest maps (isotonic, Platt) or one temperature.
  /// Constant scores are no error: isotonic and Platt then answer the class's (smoothed) base rate, and temperature
  /// leaves them as they are.
  /// - Parameters:
  ///   - method: the kind of map.
  ///   - labels: class index of each row.
  ///   - probabilities: what the model said, uncalibrated.
  ///   - weights: sample weights, or nil.
  /// - Throws: `TernError` of kind `data` when a class is missing from the labels (a map fitted without it would
  ///   claim that it never happens), or for unusable labels or weights.
  public static func fit(
    _ method: CalibrationMethod, labels: [Int], probabilities: ClassProbabilities, weights: [Double]? = nil
  ) throws(TernError) -> Calibrator {
    try MetricInput.checkLabels(labels, rows: probabilities.rows, classes: probabilities.classes)
    try MetricInput.checkWeights(weights, rows: probabilities.rows)
    if method == .none { return .identity }
    var support = [Double](repeating: 0, count: probabilities.classes)
    for row in labels.indices { support[labels[row]] += weights?[row] ?? 1 }
    if let absent = support.firstIndex(of: 0) {
      throw TernError(
        .data, "the calibration rows hold no example of class \(absent)", key: "labels",
        found: "\(labels.count) rows of the other classes", expected: "rows of all \(support.count) classes")
    }
    if method == .temperature {
      return .temperature(
        try TemperatureScaling.fit(labels: labels, probabilities: probabilities, weights: weights))
    }
    var platt: [PlattScaling] = []
    var isotonic: [IsotonicCurve] = []
    for k in probabilities.classes == 2 ? [1] : Array(0..<probabilities.classes) {
      let happened = labels.map { $0 == k }
      let column = probabilities.column(k)
      if method == .platt {
        platt.append(try PlattScaling.fit(happened: happened, logOdds: column.map(logOdds), weights: weights))
      } else {
        isotonic.append(try IsotonicCurve.fit(happened: happened, probabilities: column, weights: weights))
      }
    }
    return method == .platt ? .platt(platt) : .isotonic(isotonic)
  }
}
