import Diagnostics

/// Errors of a numeric prediction.
public struct RegressionMetrics: Codable, Equatable, Sendable {
  /// Number of rows.
  public let rows: Int
  /// Square root of the weighted mean squared error, in the target's unit.
  public let rmse: Double
  /// Weighted mean absolute error, in the target's unit.
  public let mae: Double
  /// 1 − Σw(y − ŷ)² / Σw(y − ȳ)²; nil for a constant target, where it is undefined.
  public let r2: Double?

  /// Measures predictions against targets.
  /// - Throws: `TernError` of kind `data` for unequal lengths, values that are not finite, or unusable weights.
  public init(targets: [Double], predictions: [Double], weights: [Double]? = nil) throws(TernError) {
    guard targets.count == predictions.count else {
      throw TernError(
        .data, "targets and predictions differ in number", found: "\(targets.count) targets",
        expected: "\(predictions.count)")
    }
    try MetricInput.checkWeights(weights, rows: targets.count)
    try MetricInput.checkFinite(targets, name: "target")
    try MetricInput.checkFinite(predictions, name: "prediction")
    var total = 0.0
    var mean = 0.0
    for row in targets.indices {
      let weight = weights?[row] ?? 1
      total += weight
      mean += weight * targets[row]
    }
    mean /= total
    var squares = 0.0
    var absolutes = 0.0
    var spread = 0.0
    var (smallest, largest) = (Double.infinity, -Double.infinity)
    for row in targets.indices {
      let weight = weights?[row] ?? 1
      let error = targets[row] - predictions[row]
      squares += weight * error * error
      absolutes += weight * abs(error)
      spread += weight * (targets[row] - mean) * (targets[row] - mean)
      if weight > 0 {
        smallest = min(smallest, targets[row])
        largest = max(largest, targets[row])
      }
    }
    rows = targets.count
    rmse = (squares / total).squareRoot()
    mae = absolutes / total
    // Told by the targets themselves: the mean of equal numbers may miss them by a rounding, and so would the spread.
    r2 = largest > smallest && spread > 0 ? 1 - squares / spread : nil
  }
}
