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

      Networks: safetensors of a state_dict whose metadata names its program (pytorch-tabnet or \
      rtdl_revisiting_models) and the constructor's arguments as configuration.
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
    let isNetwork = try format == ModelExport.safetensors && NetworkModelImport.recognises(path: file)
    let summary =
      try isNetwork
      ? NetworkModelImport(path: file, target: target).write(to: output)
      : ModelImport(path: file, format: format, target: target).write(to: output)
    try Console.show(summary, json: global.json) {
      "\(output): \(summary.model) \(summary.task.rawValue), \(summary.features) features"
        + (summary.rounds.map { ", \($0) rounds" } ?? "") + "\n  \(summary.artifactDigest)"
    }
  }
}
