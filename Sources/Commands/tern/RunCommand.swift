import ArgumentParser
import CommandFrame
import Diagnostics
import Pipelines
import Settings

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract:
      "Run a pipeline: data, features, labels, layers, walk-forward, report, register, promote or refuse.",
    discussion:
      "A refusal to promote is a result, not an error: the exit code is 0 and the reasons are printed.")

  @Argument(help: "Pipeline file (YAML).")
  var pipeline: String

  @Option(
    help: "Candle store (.h5) or candle files, instead of the pipeline's own market; repeat for several.")
  var data: [String] = []

  @Option(name: .customLong("set"), help: "An override as key.path=value; repeat for several.")
  var assignments: [String] = []

  @Option(help: "Registry folder.")
  var registry = "registry"

  @Option(name: .shortAndLong, help: "Folder for the report and the layers; runs/<name> when absent.")
  var output: String?

  @Option(help: "Threads, 0 for all processors; never changes a result.")
  var threads = 0

  @OptionGroup var global: GlobalOptions

  func run() throws {
    var document = try SettingsDocument(path: pipeline)
    for assignment in assignments { try document.set(assignment) }
    var configuration = try document.decode(PipelineConfiguration.self)
    if !data.isEmpty { configuration.data.paths = data }
    if let seed = global.seed { configuration.seed = seed }
    let outcome = try Pipeline(
      configuration, output: output ?? "runs/\(configuration.name)", registry: registry, threads: threads
    ).run(progress: global.progress)
    try Console.show(outcome, json: global.json) { OutcomeText(outcome).text }
  }
}

/// A pipeline's outcome for people.
private struct OutcomeText {
  let outcome: Pipeline.Outcome

  init(_ outcome: Pipeline.Outcome) { self.outcome = outcome }

  var text: String {
    var lines = [
      "\(outcome.market): \(outcome.candles) candles, \(outcome.features) features, \(outcome.folds) folds",
      "",
      figures(
        "signal",
        ["logloss", "logloss_prior", "auc_long_vs_short", "ece", "confident_rows", "confident_hit_rate"]),
      figures("regime", ["logloss", "logloss_prior", "accuracy", "auc_macro"]),
      figures(
        "trading",
        ["trades", "total_return", "expectancy", "win_rate", "profit_factor", "sharpe", "max_drawdown"]),
      figures("trading", ["buy_and_hold_return", "random_entry_return", "random_entry_p_value"]), "",
      outcome.verdict.headline,
    ]
    lines += outcome.verdict.reasons.map { "  \($0.passed ? "✓" : "✗") \($0.sentence)" }
    if let stack = outcome.stack, let digest = outcome.stackDigest {
      lines += ["", "registered \(stack) \(digest)", outcome.promoted ? "promoted" : "not promoted"]
      if !outcome.promoted { lines += outcome.refusal.map { "  \($0)" } }
    }
    lines += ["report: \(outcome.reportPage)"]
    return lines.joined(separator: "\n")
  }

  private func figures(_ group: String, _ names: [String]) -> String {
    let values = outcome.metrics[group] ?? [:]
    let cells = names.compactMap { name in values[name].map { "\(name) \(compact($0))" } }
    return "\(group): " + cells.joined(separator: "  ")
  }

  private func compact(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? value.fixed(5)
  }
}
