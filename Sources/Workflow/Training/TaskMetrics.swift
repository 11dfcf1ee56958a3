import Artifacts
import Diagnostics
import Evaluation

/// The metrics of a task, by the names of the command-line contract.
public enum TaskMetrics {
  /// Measures predictions against a table's target.
  ///
  /// Binary: `logloss`, `auc`, `accuracy`, `brier`, `ece`; multiclass: `logloss`, `auc` (macro, one-vs-rest),
  /// `accuracy`, `brier`, `ece`; regression: `rmse`, `mae`, `r2`. A metric that the rows do not define (an AUC with
  /// one class) is left out.
  /// - Parameters:
  ///   - predictions: probabilities or numbers, row-major `(row, output)`.
  ///   - labels: class indices or numbers, `(row)`.
  /// - Throws: `TernError` of kind `data` for no rows or probabilities that are none.
  public static func measure(
    _ signature: ModelSignature, predictions: [Float], labels: [Float]
  ) throws(TernError) -> [String: Double] {
    switch signature.task {
    case .regression:
      let metrics = try RegressionMetrics(
        targets: labels.map(Double.init), predictions: predictions.map(Double.init))
      return ["rmse": metrics.rmse, "mae": metrics.mae, "r2": metrics.r2].compactMapValues { $0 }
    case .binary, .multiclass:
      let values = predictions.map(Double.init)
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
}
