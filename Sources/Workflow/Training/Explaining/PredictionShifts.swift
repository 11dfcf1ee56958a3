import Diagnostics
import Explanations

/// How far the predictions of a model of any kind move when a column is shuffled, and what a metric loses by the same shuffles.
struct PredictionShifts: Sendable {
  /// Mean |change| of a prediction over rows and repeats. Shape: (feature, output).
  let values: [[Double]]
  /// Nil without targets.
  let permutation: PermutationImportance?

  /// Shuffles each column in turn.
  /// - Throws: `TernError` of kind `usage` for a metric that these rows do not have, and what the model throws.
  init(
    _ model: TablePredictor, table: ExplainedTable, metric: String, request: TableExplanation.Request,
    progress: some ProgressReporting
  ) throws(TernError) {
    let (repeats, outputs) = (request.repeats, model.outputs)
    var untouched: [Double]?
    var sums = [Double](repeating: 0, count: model.features * outputs)
    var shuffles = 0
    func observe(_ predictions: [Double]) {
      guard let before = untouched else {
        untouched = predictions
        return
      }
      let feature = shuffles / repeats
      for place in predictions.indices {
        sums[feature * outputs + place % outputs] += abs(predictions[place] - before[place])
      }
      shuffles += 1
    }
    permutation = try table.permute(
      model, metric: metric, request: request, progress: progress, observe: observe)
    if permutation == nil {
      _ = try PermutationImportance(
        model, columns: table.columns, repeats: repeats, seed: request.seed, isLargerBetter: false,
        progress: progress
      ) { predictions throws(TernError) in
        observe(predictions)
        return 0
      }
    }
    let count = Double(max(table.rowNumbers.count * repeats, 1))
    values = (0..<model.features).map { feature in
      sums[feature * outputs..<(feature + 1) * outputs].map { $0 / count }
    }
  }

  /// How far all outputs of a row move together; of probabilities the share that changes classes.
  var magnitudes: [Double] {
    values.map { $0.count > 1 ? $0.reduce(0, +) / 2 : $0.reduce(0, +) }
  }

  /// The output that moves most.
  var liveliestOutput: Int {
    let outputs = (values.first ?? []).indices
    let sums = outputs.map { output in values.reduce(0) { $0 + $1[output] } }
    return outputs.max { sums[$0] < sums[$1] } ?? 0
  }
}
