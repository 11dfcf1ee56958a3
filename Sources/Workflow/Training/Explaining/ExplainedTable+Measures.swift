import Artifacts
import Diagnostics
import Explanations

extension ExplainedTable {
  /// The metric of permutation importance where none is named.
  var usualMetric: String { signature.task == .regression ? "rmse" : "logloss" }

  /// What the metric loses when columns are shuffled; nil without targets.
  /// - Parameter observe: told of all predictions: those of the untouched table, then those of each column's shuffles in turn.
  /// - Throws: `TernError` of kind `usage` for a metric that these rows do not have.
  func permute(
    _ predictor: TablePredictor, metric: String, request: TableExplanation.Request,
    progress: some ProgressReporting, observe: ([Double]) -> Void = { _ in }
  ) throws(TernError) -> PermutationImportance? {
    guard let labels else {
      guard request.metric == nil else {
        throw TernError(
          .usage, "a metric needs the table's target", key: "--metric", found: metric,
          expected: "a table with the column \(signature.target), or --target")
      }
      return nil
    }
    return try PermutationImportance(
      predictor, columns: columns, repeats: request.repeats, seed: request.seed,
      isLargerBetter: ["auc", "accuracy", "r2"].contains(metric), progress: progress
    ) { predictions throws(TernError) in
      observe(predictions)
      let metrics = try TaskMetrics.measure(
        signature, predictions: predictions.map { Float($0) }, labels: labels)
      guard let value = metrics[metric] else {
        let near = nearestName(to: metric, among: metrics.keys.sorted()).map { "; did you mean \($0)?" } ?? ""
        throw TernError(
          .usage, "is not a metric of these rows\(near)", key: "--metric", found: "\"\(metric)\"",
          expected: "one of \(metrics.keys.sorted().joined(separator: ", "))")
      }
      return value
    }
  }

  /// Inputs by size, largest first; the earlier one wins a tie.
  static func ranking(_ magnitudes: [Double]) -> [Int] {
    magnitudes.indices.sorted {
      magnitudes[$0] == magnitudes[$1] ? $0 < $1 : magnitudes[$0] > magnitudes[$1]
    }
  }

  /// What a metric loses by each column, as a part of a page.
  func bars(_ importance: PermutationImportance, metric: String, repeats: Int) -> RankedBars {
    RankedBars(
      "Permutation importance",
      note:
        "What \(metric) loses when the column is shuffled, mean ± deviation of \(repeats) repeats; \(metric) is "
        + "\(ExplanationPage.number(importance.baseline)).",
      rows: importance.features.map {
        (signature.inputs[$0.feature].name, $0.mean, " ± \(ExplanationPage.number($0.deviation))")
      })
  }

  /// Attributions of rows: the row's number in the file, one column for each feature, the margin that they start from; several
  /// outputs add their number to the names, output after output.
  /// - Parameters:
  ///   - rows: places of the rows among those of this table.
  ///   - values: of a row, by its position in `rows`, and an output.
  ///   - expected: the margin of each output that attributions start from.
  func csv(
    rows: some Collection<Int>, expected: [Double], values: (_ row: Int, _ output: Int) -> ArraySlice<Double>
  ) -> [UInt8] {
    let names = signature.inputs.map(\.name) + ["expected"]
    let header = expected.indices.flatMap { output in
      names.map { ExplainedTable.cell($0 + (expected.count > 1 ? "_\(output)" : "")) }
    }
    var bytes = Array((["row"] + header).joined(separator: ",").utf8) + [10]
    for (position, row) in rows.enumerated() {
      var line = "\(rowNumbers[row])"
      for (output, start) in expected.enumerated() {
        for value in values(position, output) { line += ",\(value)" }
        line += ",\(start)"
      }
      bytes += Array(line.utf8) + [10]
    }
    return bytes
  }

  /// A header's cell, quoted where it must be.
  static func cell(_ name: String) -> String {
    guard name.contains(where: { ",\"\n\r".contains($0) }) else { return name }
    return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  /// What the predictions are.
  func unit(output: Int) -> String {
    switch signature.task {
    case .regression: "prediction"
    case .ranking: "score"
    case .binary: "probability of \(signature.classes.last ?? "the second class")"
    case .multiclass: "probability of \(signature.classes[output])"
    }
  }

  /// What the margins are.
  func marginWords(output: Int) -> String {
    switch signature.task {
    case .regression: "the margin is the model's output before its link"
    case .ranking: "the margin is the score that orders the rows of a query"
    case .binary: "the margin is the log odds of \(signature.classes.last ?? "the second class")"
    case .multiclass: "the margin is that of class \(signature.classes[output])"
    }
  }
}
