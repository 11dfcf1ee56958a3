import ArgumentParser
import Artifacts
import Boosting
import CommandFrame
import Diagnostics
import Service
import Settings
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model on a table (CSV, TSV, svmlight, each also gzip-compressed).",
    discussion: """
      Text columns are categorical, empty cells are missing. Parameters come from --config (YAML) and --set, under \
      the names and aliases of the model's peers; the run directory receives checkpoint.h5, model.safetensors and \
      run.json, of a network also last.h5 and an event file for TensorBoard. With --snapshot-every an interrupted run \
      can go on with --resume and the same options, and ends with the same bytes; Ctrl-C leaves a snapshot in any case. \
      With --cv it receives cv.json and no model, with --find-lr lr.json.
      """)

  @Option(help: "Model family: \(ModelFamily.names.joined(separator: ", ")).")
  var model: String

  @Option(help: "Training table.")
  var data: String

  @Option(help: "Table to evaluate after every round or epoch; early stopping watches it.")
  var valid: String?

  @Option(help: "Table to evaluate once, at the end.")
  var test: String?

  @Option(help: "Target column.")
  var target: String

  @Option(help: "binary, multiclass, regression or ranking.")
  var task: String

  @Option(help: "A column that is no input; repeat for several.")
  var drop: [String] = []

  @Option(help: "Column of sample weights.")
  var weight: String?

  @Option(
    help:
      "Column of margins that rows start from; repeat for several outputs. The model gives what is to be added."
  )
  var baseMargin: [String] = []

  @Option(
    help:
      "Column that tells the queries of a ranking (qid of svmlight when absent), or groups that --cv keeps whole."
  )
  var group: String?

  @Option(help: "File with the sizes of consecutive queries of --data, one per line.")
  var query: String?

  @Option(help: "The same for --valid.")
  var validQuery: String?

  @Option(help: "The same for --test.")
  var testQuery: String?

  @Option(help: "Model to go on from: run directory, file or registry reference.")
  var initModel: String?

  @Option(
    help:
      "Model whose leaves are fitted anew to --data (refit_decay_rate keeps a share), instead of growing trees."
  )
  var refit: String?

  @Option(help: "Registry folder, for references.")
  var registry = "registry"

  @Option(help: "Write a snapshot every so many rounds or epochs, 0 for never.")
  var snapshotEvery = 0

  @Flag(
    help:
      "Go on from the snapshot in --output, if there is one; a network also from its end, with more epochs.")
  var resume = false

  @Flag(name: .customLong("find-lr"), help: "Look for a network's learning rate instead of training it.")
  var findLearningRate = false

  @Option(help: "Cross-validate with so many folds instead of training one model.")
  var cv: Int?

  @Option(
    help:
      "How --cv divides rows: kfold, or time for blocks in file order, each judged by a model of those before it."
  )
  var cvMode = FoldMode.kfold

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
    StopSignal.install()
    let request = try request(task)
    if findLearningRate {
      let summary = try LearningRateSearch(request).run()
      try Console.show(summary, json: global.json) { text(summary) }
      return
    }
    if let cv {
      let summary = try TableCrossValidation(request, folds: cv, mode: cvMode).run(progress: global.progress)
      try Console.show(summary, json: global.json) { text(summary) }
      return
    }
    let summary = try TableTraining(request).run(progress: global.progress)
    try Console.show(summary, json: global.json) { text(summary) }
  }

  private func request(_ task: Task) throws(TernError) -> TableTraining.Request {
    guard initModel == nil || refit == nil else {
      throw TernError(.usage, "either goes on from a model or fits its leaves anew", key: "--refit")
    }
    guard snapshotEvery >= 0 else {
      throw TernError(.usage, "is no number of rounds", key: "--snapshot-every", found: "\(snapshotEvery)")
    }
    var request = TableTraining.Request(
      method: try method(), data: data, target: target, task: task, output: output)
    request.valid = valid
    request.test = test
    request.dropped = drop
    request.weight = weight
    request.baseMargins = baseMargin
    request.group = group
    request.querySizes = (query, validQuery, testQuery)
    request.seed = global.seed ?? 0
    request.threads = threads
    if let initModel { request.initial = try ModelOptions.load(initModel, registry: registry) }
    if let refit {
      request.refitted = try ModelOptions.load(refit, registry: registry).forest(for: "refitting leaves")
    }
    request.snapshotEvery = snapshotEvery
    request.resumes = resume
    request.shouldStop = { StopSignal.isRaised }
    return request
  }

  private func method() throws(TernError) -> TableTraining.Method {
    var document = try SettingsDocument(optional: config)
    for assignment in assignments { try document.set(assignment) }
    return switch try ModelFamily(named: model) {
    case .boosting(let family): .boosting(family, parameters: try document.scalars())
    case .network(.tabnet): .network(try document.decode(TabNetSection.self).configuration)
    case .network(.ftTransformer): .network(try document.decode(FTTransformerSection.self).configuration)
    }
  }

  private func text(_ summary: TableTraining.Summary) -> String {
    var lines = [
      "\(summary.model) \(summary.task.rawValue): \(summary.rows) rows × \(summary.features) features, "
        + "\(length(summary)) in \(summary.trainSeconds.fixed(2)) s on \(summary.threads) threads"
    ]
    for split in ["train", "valid", "test"] {
      guard let metrics = summary.metrics[split] else { continue }
      let values = metrics.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.fixed(6))" }
      lines.append("  \(split): \(values.joined(separator: "  "))")
    }
    lines.append("  \(summary.artifactDigest) in \(summary.output)")
    return lines.joined(separator: "\n")
  }

  private func length(_ summary: TableTraining.Summary) -> String {
    summary.epochs.map { "\($0) epochs" } ?? "\(summary.rounds ?? 0) rounds"
  }

  private func text(_ summary: LearningRateSearch.Summary) -> String {
    let found = summary.suggestion.map { "the loss falls fastest at \($0)" } ?? "the loss falls at no rate"
    let end = summary.hasDiverged ? ", and explodes beyond \(summary.learningRates.last ?? 0)" : ""
    return "\(summary.model): \(found)\(end); \(summary.losses.count) steps in \(summary.output)"
  }

  /// One line per round or epoch that says something: the first, the best, the last and about ten between.
  private func text(_ summary: TableCrossValidation.Summary) -> String {
    let unit = NetworkFamily(rawValue: summary.model) == nil ? "round" : "epoch"
    var lines = [
      "\(summary.model) \(summary.task.rawValue): \(summary.folds) folds (\(summary.mode.rawValue)) of \(summary.rows) rows × "
        + "\(summary.features) features, \(summary.rounds) \(unit)s in \(summary.trainSeconds.fixed(2)) s"
    ]
    let step = max(1, summary.rounds / 10)
    let shown = (0..<summary.rounds).filter {
      $0 % step == 0 || $0 == summary.bestRound || $0 == summary.rounds - 1
    }
    for round in shown {
      let values = summary.series.map { series in
        "\(series.dataset) \(series.metric) \(number(series.mean[round])) ± \(number(series.deviation[round]))"
      }
      lines.append(
        "  \(round + 1): \(values.joined(separator: "  "))" + (round == summary.bestRound ? "  best" : ""))
    }
    if let folds = summary.foldMetrics {
      lines.append("  folds there: \(folds.map { number($0[summary.bestMetric]) }.joined(separator: "  "))")
    }
    lines.append(
      "  best \(unit) \(summary.bestRound + 1): \(summary.bestMetric) \(number(summary.bestMean)) ± "
        + "\(number(summary.bestDeviation)), in \(summary.output)")
    return lines.joined(separator: "\n")
  }

  private func number(_ value: Double?) -> String { value?.fixed(6) ?? "undefined" }
}

extension FoldMode: ExpressibleByArgument {}
