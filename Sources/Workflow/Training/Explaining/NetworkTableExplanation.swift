import Artifacts
import Compute
import Diagnostics
import Explanations
import NetworkExplanations

/// Explains a network on a table: integrated gradients, what its masks or its attention look at, and what serves every kind
/// of model (permutation importance, dependences).
public struct NetworkTableExplanation: Sendable {
  /// Most rows that margins are attributed in.
  static let attributedRows = 500

  let request: TableExplanation.Request
  let configuration: IntegratedGradients.Configuration
  let model: NetworkArtifact
  let table: ExplainedTable
  /// Places of the rows that margins are attributed in.
  let places: [Int]
  let attribution: NetworkAttributions
  let single: NetworkAttributions
  /// Rows whose mean is the baseline.
  let background: Int
  /// What the network looks at in all rows, and in the one that is explained alone.
  let focus: NetworkFocus?
  let singleFocus: NetworkFocus?
  let permutation: PermutationImportance?
  let metricName: String
  let study: DependenceStudy
  /// Inputs in order of mean |attribution|.
  let ranking: [Int]
  /// The output that is looked at.
  let output: Int
  /// Prediction of the row that is explained alone, (output).
  let singlePrediction: [Double]

  /// Reads the table and measures everything.
  ///
  /// The baseline of the attributions is the mean of a sample of `request.background` rows, of all explained rows for 0.
  /// - Throws: `TernError` of kind `usage` for a row, class or metric that does not exist, of kind `configuration` for no steps,
  ///   of kind `data` for a table that does not fit.
  public init(
    _ model: NetworkArtifact, request: TableExplanation.Request,
    configuration: IntegratedGradients.Configuration = IntegratedGradients.Configuration(), pool: ThreadPool,
    progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) {
    let signature = model.description.signature
    try ExplanationChecks.check(request)
    let chosenClass = try ExplanationChecks.classIndex(request.className, signature)
    table = try ExplainedTable(request, signature: signature)
    places = table.spread(NetworkTableExplanation.attributedRows)
    var baseline = table.columns
    if request.background > 0 {
      var random = Philox(seed: request.seed, stream: 1)
      let count = min(request.background, table.rowNumbers.count)
      baseline = table.columns(of: random.sample(count, of: table.rowNumbers.count).map { Int($0) })
    }
    background = baseline.first?.count ?? 0
    let method = try IntegratedGradients(
      model.model, baseline: baseline, configuration: configuration, pool: pool)
    attribution = try method.attributions(columns: table.columns(of: places), pool: pool, progress: progress)
    single = try method.attributions(columns: table.single, pool: pool)
    focus = try NetworkFocus(model.model, columns: table.columns, pool: pool)
    singleFocus = try NetworkFocus(model.model, columns: table.single, pool: pool)
    let magnitudes = attribution.meanMagnitudes
    ranking = ExplainedTable.ranking(magnitudes)
    output = chosenClass ?? NetworkTableExplanation.liveliestOutput(attribution)
    let network = model.model
    let predictor = TablePredictor(features: table.columns.count, outputs: network.outputs) {
      columns throws(TernError) in
      try network.predict(columns: columns, pool: pool).map(Double.init)
    }
    metricName = request.metric ?? table.usualMetric
    permutation = try table.permute(predictor, metric: metricName, request: request, progress: progress)
    study = try DependenceStudy(
      predictor, table: table, features: Array(ranking.prefix(request.top)),
      pair: ranking.count > 1 ? (ranking[0], ranking[1]) : nil, points: 20, progress: progress)
    singlePrediction = try predictor(table.single)
    self.request = request
    self.configuration = configuration
    self.model = model
  }

  /// How fine the way to a row is, from the words of a command line; what is nil has its default.
  /// - Throws: `TernError` of kind `usage` with the nearest known name of a rule, of kind `configuration` for no steps.
  public static func configuration(
    steps: Int?, rule: String?
  ) throws(TernError) -> IntegratedGradients.Configuration {
    var configuration = IntegratedGradients.Configuration()
    configuration.steps = steps ?? configuration.steps
    if let rule {
      let names = PathRule.allCases.map(\.rawValue)
      guard let known = PathRule(rawValue: rule) else {
        let near = nearestName(to: rule, among: names).map { "; did you mean \($0)?" } ?? ""
        throw TernError(
          .usage, "is not a rule\(near)", key: "--rule", found: "\"\(rule)\"",
          expected: "one of \(names.joined(separator: ", "))")
      }
      configuration.rule = known
    }
    try configuration.validate()
    return configuration
  }

  /// The output whose attributions are largest.
  private static func liveliestOutput(_ attribution: NetworkAttributions) -> Int {
    var sums = [Double](repeating: 0, count: attribution.outputs)
    for row in 0..<attribution.rows {
      for output in 0..<attribution.outputs {
        sums[output] += attribution.values(row: row, output: output).reduce(0) { $0 + abs($1) }
      }
    }
    return sums.indices.max { sums[$0] < sums[$1] } ?? 0
  }

  /// The attributions: the row's number in the file, one column for each feature, the baseline's margin; several outputs add
  /// their number to the names, output after output.
  public func csv() -> [UInt8] {
    table.csv(rows: places, expected: attribution.baseline) { row, output in
      attribution.values(row: row, output: output)
    }
  }
}
