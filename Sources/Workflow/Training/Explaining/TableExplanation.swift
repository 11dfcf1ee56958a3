import Artifacts
import Compute
import Diagnostics
import Explanations
import Trees

/// Explains a model on a table: the work behind `tern explain`.
///
/// What only looks at inputs and predictions (permutation importance, dependences) serves every kind of model; what reads
/// a forest's trees (Shapley values, drawings) stands in types of its own, beside which other kinds can put theirs.
public struct TableExplanation: Sendable {
  /// What to explain and how much of it.
  public struct Request: Sendable {
    /// The table.
    public var data: String
    /// Target column; nil for the training target if the table has it.
    public var target: String?
    /// Most rows to explain, 0 for all.
    public var rows = 10_000
    /// Number of the row to explain alone, from one; nil for the first explained one.
    public var row: Int?
    /// Number of the tree to draw, from zero.
    public var tree = 0
    /// The class of a multiclass model to look at; nil for the one whose margin moves most.
    public var className: String?
    /// Rows of the table as background of interventional values, 0 for path-dependent ones.
    public var background = 0
    /// What weighs the nodes of path-dependent values; nil for what the model's family weighs by.
    public var cover: CoverMeasure?
    /// Metric of permutation importance; nil for the log loss or the RMSE.
    public var metric: String?
    /// Shuffles of each column.
    public var repeats = 5
    /// Inputs whose dependences are drawn.
    public var top = 6
    /// Seed of all sampling.
    public var seed: UInt64 = 0

    /// A request for a table with everything else by default.
    public init(data: String) { self.data = data }

    /// Takes the name of a measure of nodes.
    /// - Throws: `TernError(.usage)` with the nearest known name.
    public mutating func setCover(_ name: String) throws(TernError) {
      let names = CoverMeasure.allCases.map(\.rawValue)
      guard let measure = CoverMeasure(rawValue: name) else {
        let near = nearestName(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
        throw TernError(
          .usage, "is not a measure of a tree's nodes\(near)", key: "--cover", found: "\"\(name)\"",
          expected: "one of \(names.joined(separator: ", "))")
      }
      cover = measure
    }
  }

  let request: Request
  let model: ForestArtifact
  let table: ExplainedTable
  let attribution: ForestAttribution
  let permutation: PermutationImportance?
  let metricName: String
  let study: DependenceStudy
  /// Inputs in order of mean |Shapley value|.
  let ranking: [Int]
  /// The output that is looked at.
  let output: Int
  let outline: TreeOutline
  /// Prediction of the row that is explained alone, (output).
  let singlePrediction: [Double]

  /// Reads the table and measures everything.
  /// - Throws: `TernError` of kind `usage` for a row, tree, class or metric that does not exist, of kind `data` for a
  ///   table that does not fit or a model that has no such explanation.
  public init(
    _ model: ForestArtifact, request: Request, pool: ThreadPool,
    progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) {
    let forest = model.forest
    let signature = model.description.signature
    try TableExplanation.check(request, forest)
    let chosenClass = try ExplanationChecks.classIndex(request.className, signature)
    table = try ExplainedTable(request, signature: signature)
    attribution = try ForestAttribution(
      forest, table: table, cover: request.cover ?? TableExplanation.cover(of: model),
      background: request.background, seed: request.seed, pool: pool, progress: progress)
    let magnitudes = attribution.values.meanMagnitudes
    ranking = ExplainedTable.ranking(magnitudes)
    output = chosenClass ?? TableExplanation.liveliestOutput(attribution.values)
    let predictor = TablePredictor(forest, pool: pool)
    let metric = request.metric ?? table.usualMetric
    metricName = metric
    permutation = try table.permute(predictor, metric: metric, request: request, progress: progress)
    study = try DependenceStudy(
      predictor, table: table, features: Array(ranking.prefix(request.top)),
      pair: attribution.pairs.first.map { ($0.first, $0.second) }, points: 20, progress: progress)
    var options = TreeOutline.Options()
    options.categories = signature.inputs.map { $0.vocabulary ?? [] }
    outline = TreeOutline(forest, tree: request.tree, options: options)
    singlePrediction = try predictor(table.single)
    self.request = request
    self.model = model
  }

  /// The drawn tree as indented lines.
  public var treeText: String { outline.text }

  /// The drawn tree as an SVG file.
  public func treeSVG() -> String { outline.svg() }

  /// The Shapley values of all explained rows: the row's number in the file, one column for each feature, the expected
  /// margin; several outputs add their number to the names, output after output.
  public func csv() -> [UInt8] {
    table.csv(rows: 0..<attribution.values.rows, expected: attribution.values.expected) { row, output in
      attribution.values.values(row: row, output: output)
    }
  }

  private static func check(_ request: Request, _ forest: Forest) throws(TernError) {
    try ExplanationChecks.check(request)
    guard (0..<forest.trees).contains(request.tree) else {
      throw TernError(
        .usage, "the model has no such tree", key: "--tree", found: "\(request.tree)",
        expected: forest.trees > 0 ? "0 to \(forest.trees - 1)" : "a model with trees")
    }
  }

  /// XGBoost weighs nodes by hessians, the others by rows; a forest that lacks its measure is weighed by the other.
  private static func cover(of model: ForestArtifact) -> CoverMeasure {
    let hasHessians = model.forest.cover.contains { $0 > 0 }
    let hasRows = model.forest.count.contains { $0 > 0 }
    if model.description.model == BoostingFamily.xgboost.rawValue {
      return hasHessians || !hasRows ? .hessians : .rows
    }
    return hasRows || !hasHessians ? .rows : .hessians
  }

  private static func liveliestOutput(_ values: ShapleyValues) -> Int {
    var sums = [Double](repeating: 0, count: values.outputs)
    for row in 0..<values.rows {
      for output in 0..<values.outputs {
        sums[output] += values.values(row: row, output: output).reduce(0) { $0 + abs($1) }
      }
    }
    return sums.indices.max { sums[$0] < sums[$1] } ?? 0
  }
}
