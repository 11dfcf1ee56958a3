import ArgumentParser
import CommandFrame
import Compute
import Diagnostics
import Files
import Training

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Predict every row of a table.",
    discussion: "Binary: column p. Multiclass: p_0 … p_k in class order. Regression: prediction.")

  @OptionGroup var reference: ModelOptions

  @Option(help: "Table to predict.")
  var data: String

  @Option(name: .shortAndLong, help: "CSV file to write.")
  var output: String

  @Option(help: "Threads, 0 for all processors.")
  var threads = 0

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let pool = ThreadPool(threads: threads > 0 ? threads : ThreadPool.availableThreads)
    let prediction = try TablePrediction(model: try reference.load(), data: data, pool: pool)
    try AtomicFile.write(prediction.csv(), to: output)
    let document = Document(
      model: reference.model, data: data, output: output, rows: prediction.rows, columns: prediction.header)
    try Console.show(document, json: global.json) { "\(output): \(prediction.rows) rows" }
  }

  private struct Document: Encodable {
    var model: String
    var data: String
    var output: String
    var rows: Int
    var columns: [String]
  }
}
