import Artifacts
import Compute
import Diagnostics
import Explanations

/// Explains an ensemble on a table by what looks at inputs and predictions alone (shuffled columns, dependences), and by what each
/// member says. Members have explanations of their own kind.
public struct EnsembleTableExplanation: Sendable {
  /// A member beside the whole.
  struct Member: Sendable {
    /// Its model family.
    let model: String
    /// Its share in a weighted blend, its slope in a stacked one.
    let weight: Double
    /// The metric of its own predictions; nil without targets.
    let metric: Double?
    /// Its prediction of the row that is explained alone, (output).
    let single: [Double]
  }

  let request: TableExplanation.Request
  let model: EnsembleArtifact
  let table: ExplainedTable
  let members: [Member]
  let shifts: PredictionShifts
  let metricName: String
  let study: DependenceStudy
  /// Inputs in order of how far they move the predictions.
  let ranking: [Int]
  /// The output that is looked at.
  let output: Int
  /// Prediction of the row that is explained alone, (output).
  let singlePrediction: [Double]

  /// Reads the table and measures everything.
  /// - Throws: `TernError` of kind `usage` for a row, class or metric that does not exist, of kind `data` for a table that does
  ///   not fit.
  public init(
    _ model: EnsembleArtifact, request: TableExplanation.Request, pool: ThreadPool,
    progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) {
    let signature = model.description.signature
    try ExplanationChecks.check(request)
    let chosenClass = try ExplanationChecks.classIndex(request.className, signature)
    let table = try ExplainedTable(request, signature: signature)
    let blended = model.model
    let predictor = TablePredictor(features: table.columns.count, outputs: blended.outputs) {
      columns throws(TernError) in
      try blended.predict(columns: columns, pool: pool).map(Double.init)
    }
    let metric = request.metric ?? table.usualMetric
    shifts = try PredictionShifts(
      predictor, table: table, metric: metric, request: request, progress: progress)
    let magnitudes = shifts.magnitudes
    ranking = ExplainedTable.ranking(magnitudes)
    output = chosenClass ?? shifts.liveliestOutput
    study = try DependenceStudy(
      predictor, table: table, features: Array(ranking.prefix(request.top)),
      pair: ranking.count > 1 ? (ranking[0], ranking[1]) : nil, points: 20, progress: progress)
    singlePrediction = try predictor(table.single)
    let weights =
      switch model.description.header.blend {
      case .weighted(let weights): weights
      case .stacked(let slopes, _): slopes
      }
    members = try zip(model.members, weights).map { member, weight throws(TernError) in
      let measured = try table.labels.map { labels throws(TernError) in
        try TaskMetrics.measure(
          signature, predictions: try member.predict(columns: table.columns, pool: pool), labels: labels)
      }
      return Member(
        model: member.card.model, weight: weight, metric: measured?[metric],
        single: try member.predict(columns: table.single, pool: pool).map(Double.init))
    }
    metricName = metric
    self.table = table
    self.request = request
    self.model = model
  }
}
