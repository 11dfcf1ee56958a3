import ArgumentParser
import CommandFrame
import Compute
import Diagnostics
import Training

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a model's predictions against a table's target.")

  @OptionGroup var reference: ModelOptions

  @Option(help: "Table with the target.")
  var data: String

  @Option(help: "Target column; the training target when absent.")
  var target: String?

  @Option(help: "Column that tells the queries of a ranking; qid when absent.")
  var group: String?

  @Option(help: "File with the sizes of consecutive queries, one per line.")
  var query: String?

  @Option(help: "Threads, 0 for all processors.")
  var threads = 0

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let pool = ThreadPool(threads: threads > 0 ? threads : ThreadPool.availableThreads)
    let prediction = try TablePrediction(model: try reference.load(), data: data, pool: pool)
    let metrics = try prediction.metrics(
      target: target, queries: QuerySource(column: group, sizes: query))
    let document = Document(model: reference.model, data: data, rows: prediction.rows, metrics: metrics)
    try Console.show(document, json: global.json) {
      metrics.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.fixed(6))" }.joined(separator: "\n")
    }
  }

  private struct Document: Encodable {
    var model: String
    var data: String
    var rows: Int
    var metrics: [String: Double]
  }
}
