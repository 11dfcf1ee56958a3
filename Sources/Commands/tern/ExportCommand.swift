import ArgumentParser
import Artifacts
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

      Networks: safetensors with the tensor names of pytorch-tabnet or rtdl_revisiting_models, whose constructor's \
      arguments stand in the metadata's configuration, and onnx, a graph from prepared inputs to values or logits. Of an \
      ensemble, --member names the one to write.
      """)

  @OptionGroup var reference: ModelOptions

  @Option(help: "Format of the file.")
  var format: String

  @Option(name: .shortAndLong, help: "File to write.")
  var output: String

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let pool = ThreadPool(threads: ThreadPool.availableThreads)
    switch try reference.load() {
    case .forest(let artifact):
      let receipt = try ModelExport.write(
        artifact, format: format, to: output, seed: global.seed ?? 0, pool: pool)
      let document = Document(model: reference.model, format: format, output: output, parity: receipt)
      try Console.show(document, json: global.json) {
        "\(output): over \(receipt.rows) sampled rows margins differ by at most "
          + "\(receipt.maximumMarginDifference), predictions by at most \(receipt.maximumPredictionDifference)"
      }
    case .network(let artifact):
      let receipt = try NetworkModelExport.write(
        artifact, format: format, to: output, seed: global.seed ?? 0, pool: pool)
      let document = Document(model: reference.model, format: format, output: output, parity: receipt)
      try Console.show(document, json: global.json) {
        receipt.map {
          "\(output): weights differ by at most \($0.maximumWeightDifference), over \($0.rows) sampled rows predictions "
            + "by at most \($0.maximumPredictionDifference)"
        } ?? "\(output): a graph of the network behind its preparation"
      }
    case .ensemble(let artifact): throw artifact.exportRefusal
    }
  }

  private struct Document<Parity: Encodable>: Encodable {
    var model: String
    var format: String
    var output: String
    var parity: Parity
  }
}
