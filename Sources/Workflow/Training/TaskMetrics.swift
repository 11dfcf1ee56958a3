import Artifacts
import Boosting
import Compute
import Diagnostics
import Evaluation

/// The metrics of a task, by the names of the command-line contract.
public enum TaskMetrics {
  /// Measures predictions against a table's target.
  ///
  /// Binary: `logloss`, `auc`, `accuracy`, `brier`, `ece`; multiclass: `logloss`, `auc` (macro, one-vs-rest),
  /// `accuracy`, `brier`, `ece`; regression: `rmse`, `mae`, `r2`; ranking: `ndcg@1`, `ndcg@3`, `ndcg@5`, `ndcg@10`,
  /// `map`. A metric that the rows do not define (an AUC with
  /// one class) is left out.
  /// - Parameters:
  ///   - predictions: probabilities or numbers, row-major `(row, output)`.
  ///   - labels: class indices or numbers, `(row)`.
  ///   - queries: query number of each row of a ranking task, `(row)`; nil makes all rows one query.
  /// - Throws: `TernError` of kind `data` for no rows or probabilities that are none.
  public static func measure(
    _ signature: ModelSignature, predictions: [Float], labels: [Float], queries: [Int32]? = nil
  ) throws(TernError) -> [String: Double] {
    switch signature.task {
    case .regression:
      let metrics = try RegressionMetrics(
        targets: labels.map(Double.init), predictions: predictions.map(Double.init))
      return ["rmse": metrics.rmse, "mae": metrics.mae, "r2": metrics.r2].compactMapValues { $0 }
    case .ranking: return try ranking(predictions: predictions, labels: labels, queries: queries)
    case .binary, .multiclass:
      let values = normalised(
        predictions.map(Double.init), classes: signature.task == .binary ? 1 : signature.classes.count)
      let probabilities =
        signature.task == .binary
        ? try ClassProbabilities(positive: values)
        : try ClassProbabilities(values, classes: signature.classes.count)
      let metrics = try ClassificationMetrics(
        labels: labels.map { Int($0) }, probabilities: probabilities, classNames: signature.classes)
      let auc = signature.task == .binary ? metrics.binaryAUC : metrics.macroAUC
      return [
        "logloss": metrics.logLoss, "auc": auc, "accuracy": metrics.accuracy, "brier": metrics.brier,
        "ece": metrics.ece,
      ].compactMapValues { $0 }
    }
  }

  /// One-versus-all probabilities do not sum to one; the metrics of a task take them as shares.
  private static func normalised(_ values: [Double], classes: Int) -> [Double] {
    if classes == 1 { return values }
    var result = values
    for row in 0..<values.count / classes {
      let own = row * classes..<(row + 1) * classes
      let sum = values[own].reduce(0, +)
      if sum > 0, abs(sum - 1) > ClassProbabilities.sumTolerance { for place in own { result[place] /= sum } }
    }
    return result
  }

  private static func ranking(
    predictions: [Float], labels: [Float], queries: [Int32]?
  ) throws(TernError) -> [String: Double] {
    guard !labels.isEmpty else { throw TernError(.data, "there is no row to measure") }
    if let wrong = labels.first(where: { !($0 >= 0 && $0 <= 30 && $0 == $0.rounded()) }) {
      throw TernError(
        .data, "is not a relevance grade", key: "label", found: "\(wrong)", expected: "0, 1, … 30")
    }
    let rows = LabelledRows(labels: labels, queries: queries.map { QueryGroups(queries: $0) })
    let pool = ThreadPool(threads: 1)
    var result: [String: Double] = [:]
    for position in [1, 3, 5, 10] {
      let metric = Boosting.Metric(.ndcg, number: Double(position))
      result[metric.rawValue] = metric.evaluate(predictions: predictions, rows: rows, pool: pool)
    }
    result["map"] = Boosting.Metric(.map, number: Double(labels.count)).evaluate(
      predictions: predictions, rows: rows, pool: pool)
    return result
  }
}
