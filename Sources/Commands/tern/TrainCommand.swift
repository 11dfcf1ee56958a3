import ArgumentParser
import Artifacts
import CommandFrame
import Diagnostics
import Settings
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model on a table (CSV, TSV, either gzip-compressed).",
    discussion: """
      Text columns are categorical, empty cells are missing. Parameters come from --config (YAML) and --set, under \
      the names and aliases of the model's peers; the run directory receives checkpoint.h5, model.safetensors and \
      run.json.
      """)

  @Option(help: "Model family: xgboost, lightgbm or catboost.")
  var model: String

  @Option(help: "Training table.")
  var data: String

  @Option(help: "Table to evaluate after every round; early stopping watches it.")
  var valid: String?

  @Option(help: "Table to evaluate once, at the end.")
  var test: String?

  @Option(help: "Target column.")
  var target: String

  @Option(help: "binary, multiclass or regression.")
  var task: String

  @Option(help: "A column that is no input; repeat for several.")
  var drop: [String] = []

  @Option(help: "Column of sample weights.")
  var weight: String?

  @Option(name: .shortAndLong, help: "Run directory to write.")
  var output: String

  @Option(help: "YAML file of parameters.")
  var config: String?

  @Option(name: .customLong("set"), help: "A parameter as name=value; repeat for several.")
  var assignments: [String] = []

  @Option(help: "Threads, 0 for all processors; never changes the result.")
  var threads = 0

  @OptionGroup var global: GlobalOptions

  func run() throws {
    guard let task = Task(rawValue: task) else {
      let names = Task.allCases.map(\.rawValue)
      throw TernError(
        .usage, "is not a known task", key: "--task", found: "\"\(task)\"",
        expected: "one of \(names.joined(separator: ", "))")
    }
    var request = TableTraining.Request(
      family: try ModelFamily(named: model), data: data, target: target, task: task, output: output,
      parameters: try parameters())
    request.valid = valid
    request.test = test
    request.dropped = drop
    request.weight = weight
    request.seed = global.seed ?? 0
    request.threads = threads
    let summary = try TableTraining(request).run(progress: global.progress)
    try Console.show(summary, json: global.json) { text(summary) }
  }

  private func parameters() throws(TernError) -> [String: String] {
    var document = try SettingsDocument(optional: config)
    for assignment in assignments { try document.set(assignment) }
    return try document.scalars()
  }

  private func text(_ summary: TableTraining.Summary) -> String {
    var lines = [
      "\(summary.model) \(summary.task.rawValue): \(summary.rows) rows × \(summary.features) features, "
        + "\(summary.rounds) rounds in \(summary.trainSeconds.fixed(2)) s on \(summary.threads) threads"
    ]
    for split in ["train", "valid", "test"] {
      guard let metrics = summary.metrics[split] else { continue }
      let values = metrics.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.fixed(6))" }
      lines.append("  \(split): \(values.joined(separator: "  "))")
    }
    lines.append("  \(summary.artifactDigest) in \(summary.output)")
    return lines.joined(separator: "\n")
  }
}
