import ArgumentParser
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
      Exact Shapley values, interactions, importances, partial dependence, one row in parts and a drawn tree. With a \
      target column the page holds permutation importance too.
      """)

  @OptionGroup var reference: ModelOptions

  @Option(help: "Table whose rows are explained.")
  var data: String

  @Option(help: "Target column; the training target, where the table has it, when absent.")
  var target: String?

  @Option(help: "Most rows to explain, 0 for all; more are sampled at random.")
  var rows = 10_000

  @Option(help: "Row to explain alone, counted from 1; the first explained one when absent.")
  var row: Int?

  @Option(help: "Tree to draw, counted from 0; also printed when given.")
  var tree: Int?

  @Option(name: .customLong("class"), help: "Class of a multiclass model to look at.")
  var className: String?

  @Option(help: "Rows of the table to explain against (interventional values), 0 for path-dependent values.")
  var background = 0

  @Option(help: "What weighs a tree's nodes: hessians (as XGBoost) or rows (as LightGBM and CatBoost).")
  var cover: String?

  @Option(help: "Metric of permutation importance, as tern evaluate names it.")
  var metric: String?

  @Option(help: "Shuffles of each column for permutation importance.")
  var repeats = 5

  @Option(help: "Number of features whose dependences are drawn.")
  var top = 6

  @Option(name: .shortAndLong, help: "HTML file to write.")
  var output: String

  @Option(help: "CSV file to write: a row's number, then one Shapley value for each feature.")
  var csv: String?

  @Option(name: .customLong("tree-svg"), help: "SVG file to write: the drawn tree.")
  var treeSVG: String?

  @Option(help: "Threads, 0 for all processors; never changes the result.")
  var threads = 0

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let pool = ThreadPool(threads: threads > 0 ? threads : ThreadPool.availableThreads)
    let explanation = try TableExplanation(
      try reference.load().forest(for: "explaining"), request: try request(), pool: pool,
      progress: global.progress)
    if let csv { try AtomicFile.write(explanation.csv(), to: csv) }
    if let treeSVG { try AtomicFile.write(Array(explanation.treeSVG().utf8), to: treeSVG) }
    try AtomicFile.write(Array(explanation.html().utf8), to: output)
    let document = Document(
      output: output, csv: csv, treeSVG: treeSVG, treeText: tree == nil ? nil : explanation.treeText,
      explanation: explanation.summary)
    try Console.show(document, json: global.json) { text(document) }
  }

  private func request() throws(TernError) -> TableExplanation.Request {
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

  private func text(_ document: Document) -> String {
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

  private struct Document: Encodable {
    var output: String
    var csv: String?
    var treeSVG: String?
    var treeText: String?
    var explanation: TableExplanation.Summary

    enum CodingKeys: String, CodingKey {
      case output, csv
      case treeSVG = "tree_svg"
      case treeText = "tree_text"
    }

    /// The explanation's own keys stand beside those of the files.
    func encode(to encoder: any Encoder) throws {
      try explanation.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(output, forKey: .output)
      try container.encodeIfPresent(csv, forKey: .csv)
      try container.encodeIfPresent(treeSVG, forKey: .treeSVG)
      try container.encodeIfPresent(treeText, forKey: .treeText)
    }
  }
}
