import ArgumentParser
import CommandFrame
import Diagnostics
import Training

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a run directory of another program's model.",
    discussion: """
      Formats: xgboost-json, xgboost-ubj, lightgbm, catboost-json, onnx, safetensors. The run directory works with \
      predict, evaluate, export and the registry. CatBoost models with categorical features carry the names of their \
      categories only when saved with pool=.
      """)

  @Option(help: "Format of the file.")
  var format: String

  @Argument(help: "Model file.")
  var file: String

  @Option(name: .shortAndLong, help: "Run directory to write.")
  var output: String

  @Option(help: "Name of the target column, which other programs' files do not have.")
  var target: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let summary = try ModelImport(path: file, format: format, target: target).write(to: output)
    try Console.show(summary, json: global.json) {
      "\(output): \(summary.model) \(summary.task.rawValue), \(summary.features) features, \(summary.rounds ?? 0) rounds\n"
        + "  \(summary.artifactDigest)"
    }
  }
}
