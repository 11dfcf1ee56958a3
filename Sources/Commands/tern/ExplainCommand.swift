import ArgumentParser
import Artifacts
import CommandFrame
import Compute
import Diagnostics
import Files
import Training

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain a model's predictions on a table as one self-contained HTML page.",
    discussion: """
      Trees: exact Shapley values, interactions, importances, one row in parts and a drawn tree. Networks: integrated \
      gradients, TabNet's masks, attention rollout of FT-Transformer. Both, and ensembles: partial dependence and, with a \
      target column, permutation importance. Of an ensemble, --member names one to explain by itself.
      """)

  @OptionGroup var reference: ModelOptions

  @Option(help: "Table whose rows are explained.")
  var data: String

  @Option(help: "Target column; the training target, where the table has it, when absent.")
  var target: String?

  @Option(
    help: ArgumentHelp(
      "Most rows to explain, 0 for all; more are sampled at random. Default 10000, of networks and ensembles 2000."
    ))
  var rows: Int?

  @Option(help: "Row to explain alone, counted from 1; the first explained one when absent.")
  var row: Int?

  @Option(help: "Tree to draw, counted from 0; also printed when given (trees).")
  var tree: Int?

  @Option(name: .customLong("class"), help: "Class of a multiclass model to look at.")
  var className: String?

  @Option(
    help: ArgumentHelp(
      "Rows of the table to explain against: trees take interventional values (0: path-dependent ones), networks the mean "
        + "of the rows as the baseline (0: of all explained rows)."))
  var background = 0

  @Option(help: "What weighs a tree's nodes: hessians (as XGBoost) or rows (as LightGBM and CatBoost).")
  var cover: String?

  @Option(help: "Gradients taken on the way from the baseline to a row (networks). Default 50.")
  var steps: Int?

  @Option(help: "Where they are taken: gauss-legendre, or riemann at even distances (networks).")
  var rule: String?

  @Option(help: "Metric of permutation importance, as tern evaluate names it.")
  var metric: String?

  @Option(help: "Shuffles of each column for permutation importance.")
  var repeats = 5

  @Option(help: "Number of features whose dependences are drawn.")
  var top = 6

  @Option(name: .shortAndLong, help: "HTML file to write.")
  var output: String

  @Option(help: "CSV file to write: a row's number, then what each feature adds to its margin.")
  var csv: String?

  @Option(name: .customLong("tree-svg"), help: "SVG file to write: the drawn tree (trees).")
  var treeSVG: String?

  @Option(help: "Threads, 0 for all processors; never changes the result.")
  var threads = 0

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let pool = ThreadPool(threads: threads > 0 ? threads : ThreadPool.availableThreads)
    switch try reference.load() {
    case .forest(let artifact): try explain(artifact, pool)
    case .network(let artifact): try explain(artifact, pool)
    case .ensemble(let artifact): try explain(artifact, pool)
    }
  }

  private func explain(_ model: ForestArtifact, _ pool: ThreadPool) throws {
    try refuse([("--steps", steps != nil), ("--rule", rule != nil)], of: model.description.model)
    let explanation = try TableExplanation(
      model, request: try request(rows: rows ?? 10_000), pool: pool, progress: global.progress)
    if let csv { try AtomicFile.write(explanation.csv(), to: csv) }
    if let treeSVG { try AtomicFile.write(Array(explanation.treeSVG().utf8), to: treeSVG) }
    try AtomicFile.write(Array(explanation.html().utf8), to: output)
    let document = Document(
      output: output, csv: csv, treeSVG: treeSVG, treeText: tree == nil ? nil : explanation.treeText,
      explanation: explanation.summary)
    try Console.show(document, json: global.json) { text(document) }
  }

  private func explain(_ model: NetworkArtifact, _ pool: ThreadPool) throws {
    try refuse(
      [("--tree", tree != nil), ("--tree-svg", treeSVG != nil), ("--cover", cover != nil)],
      of: model.description.model)
    let explanation = try NetworkTableExplanation(
      model, request: try request(rows: rows ?? 2000),
      configuration: try NetworkTableExplanation.configuration(steps: steps, rule: rule), pool: pool,
      progress: global.progress)
    if let csv { try AtomicFile.write(explanation.csv(), to: csv) }
    try AtomicFile.write(Array(explanation.html().utf8), to: output)
    let document = Document(
      output: output, csv: csv, treeSVG: nil, treeText: nil, explanation: explanation.summary)
    try Console.show(document, json: global.json) { text(document.explanation) }
  }

  private func explain(_ model: EnsembleArtifact, _ pool: ThreadPool) throws {
    try refuse(
      [
        ("--tree", tree != nil), ("--tree-svg", treeSVG != nil), ("--cover", cover != nil),
        ("--steps", steps != nil), ("--rule", rule != nil), ("--background", background != 0),
        ("--csv", csv != nil),
      ], of: model.description.model)
    let explanation = try EnsembleTableExplanation(
      model, request: try request(rows: rows ?? 2000), pool: pool, progress: global.progress)
    try AtomicFile.write(Array(explanation.html().utf8), to: output)
    let document = Document(
      output: output, csv: nil, treeSVG: nil, treeText: nil, explanation: explanation.summary)
    try Console.show(document, json: global.json) { text(document.explanation) }
  }

  /// Refuses options that mean nothing for a kind of model.
  private func refuse(_ options: [(name: String, isGiven: Bool)], of model: String) throws(TernError) {
    for option in options where option.isGiven {
      throw TernError(.usage, "means nothing for this kind of model", key: option.name, found: model)
    }
  }

  private func request(rows: Int) throws(TernError) -> TableExplanation.Request {
    var request = TableExplanation.Request(data: data)
    request.target = target
    request.rows = rows
    request.row = row
    request.tree = tree ?? 0
    request.className = className
    request.background = background
    request.metric = metric
    request.repeats = repeats
    request.top = top
    request.seed = global.seed ?? 0
    if let cover { try request.setCover(cover) }
    return request
  }

  private func text(_ document: Document<TableExplanation.Summary>) -> String {
    let summary = document.explanation
    var table = TextTable(
      ["feature", "mean |SHAP|", "gain", "splits"] + (summary.metric.map { ["\($0) lost"] } ?? []),
      aligned: [.left, .right, .right, .right, .right])
    for importance in summary.importances.prefix(20) {
      table.append(
        [
          importance.feature, importance.meanMagnitude.fixed(5), importance.gain.fixed(2),
          "\(importance.splits)",
        ]
          + (importance.permutation.map { [$0.fixed(5)] } ?? []))
    }
    var lines = [table.text]
    if let tree = document.treeText { lines.append(tree) }
    lines.append(
      "\(output): \(summary.rows) rows × \(summary.features) features, \(summary.method), parts add up within "
        + "\(summary.additivityError)")
    return lines.joined(separator: "\n")
  }

  private func text(_ summary: NetworkTableExplanation.Summary) -> String {
    var table = TextTable(
      ["feature", "mean |gradient|"] + (summary.focus.map { [$0.rawValue] } ?? [])
        + (summary.metric.map { ["\($0) lost"] } ?? []),
      aligned: [.left, .right, .right, .right])
    for importance in summary.importances.prefix(20) {
      table.append(
        [importance.feature, importance.meanMagnitude.fixed(5)]
          + (importance.focus.map { [$0.fixed(4)] } ?? [])
          + (importance.permutation.map { [$0.fixed(5)] } ?? []))
    }
    return table.text
      + "\n\(output): \(summary.rows) rows × \(summary.features) features, \(summary.method) of "
      + "\(summary.attributedRows) rows, parts add up within \(summary.additivityError)"
  }

  private func text(_ summary: EnsembleTableExplanation.Summary) -> String {
    var table = TextTable(
      ["feature", "mean shift"] + (summary.metric.map { ["\($0) lost"] } ?? []),
      aligned: [.left, .right, .right])
    for importance in summary.importances.prefix(20) {
      table.append(
        [importance.feature, importance.shift.fixed(5)] + (importance.permutation.map { [$0.fixed(5)] } ?? [])
      )
    }
    let members = summary.members.map { member in
      "\(member.model) \(member.weight.fixed(3))" + (member.metric.map { " (\($0.fixed(5)))" } ?? "")
    }
    return table.text
      + "\n\(output): \(summary.rows) rows × \(summary.features) features, \(summary.blend.rawValue) blend of "
      + members.joined(separator: ", ")
  }

  private struct Document<Explanation: Encodable>: Encodable {
    var output: String
    var csv: String?
    var treeSVG: String?
    var treeText: String?
    var explanation: Explanation

    /// The explanation's own keys stand beside those of the files.
    func encode(to encoder: any Encoder) throws {
      try explanation.encode(to: encoder)
      var container = encoder.container(keyedBy: DocumentKey.self)
      try container.encode(output, forKey: .output)
      try container.encodeIfPresent(csv, forKey: .csv)
      try container.encodeIfPresent(treeSVG, forKey: .treeSVG)
      try container.encodeIfPresent(treeText, forKey: .treeText)
    }
  }

  private enum DocumentKey: String, CodingKey {
    case output, csv
    case treeSVG = "tree_svg"
    case treeText = "tree_text"
  }
}
