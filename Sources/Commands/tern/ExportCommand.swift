import ArgumentParser
import CommandFrame
import Compute
import Diagnostics
import ForestFormats
import Training

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model for another program, with a receipt of its parity.",
    discussion: """
      Formats: xgboost-json, xgboost-ubj, lightgbm, catboost-json, onnx, safetensors. What was written is read again, \
      and both predict sampled rows: thresholds and their neighbours, missing values, unseen categories.
      """)

  @OptionGroup var reference: ModelOptions

  @Option(help: "Format of the file.")
  var format: String

  @Option(name: .shortAndLong, help: "File to write.")
  var output: String

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let receipt = try ModelExport.write(
      try reference.load().forest(for: "this format"), format: format, to: output, seed: global.seed ?? 0,
      pool: ThreadPool(threads: ThreadPool.availableThreads))
    let document = Document(model: reference.model, format: format, output: output, parity: receipt)
    try Console.show(document, json: global.json) {
      "\(output): over \(receipt.rows) sampled rows margins differ by at most \(receipt.maximumMarginDifference), "
        + "predictions by at most \(receipt.maximumPredictionDifference)"
    }
  }

  private struct Document: Encodable {
    var model: String
    var format: String
    var output: String
    var parity: ParityReceipt
  }
}
