import Artifacts
import Checkpoints
import Diagnostics
import Evaluation
import Files
import Registry
import Reporting
import Training

/// Writes the last fold's layers, registers them and the stack they form, and promotes it if every gate holds.
///
/// The last fold is what would be served next: its models were trained on the newest span and judged on a month they
/// never saw, and the walk-forward figures of the same recipe stand behind it.
struct StackAssembly {
  /// A registered stack.
  struct Result {
    /// The version.
    var version: RegisteredVersion
    /// Why the alias was not moved; empty when it was.
    var refusal: [String]
  }

  let market: PreparedMarket
  let run: WalkForwardRun
  let configuration: PipelineConfiguration
  let verdict: Verdict
  let output: String

  /// Registers and promotes.
  /// - Parameter report: the report without the stack's digest, which is kept beside the stack.
  func register(in registry: ModelRegistry, report: EvaluationReport) throws(TernError) -> Result {
    guard let last = run.folds.last else {
      throw TernError(.internalFailure, "a walk-forward run without folds cannot be registered")
    }
    let schema = String(decoding: try CanonicalJSON.encode(market.features.schema), as: UTF8.self)
    var layers: [StackDescription.Layer] = []
    var parents: [String: String] = [:]
    for (role, fit) in [("regime", last.regime), ("signal", last.signal)] {
      let directory = RunDirectory(path: "\(output)/\(role)")
      let digest = try directory.write(try fit.checkpoint(data: market.source.digest, schema: schema))
      let layer = try registry.register(
        Registration(
          name: "\(configuration.registry.stack)-\(role)", kind: .model,
          files: ["artifact": .path(directory.artifact), "checkpoint": .path(directory.checkpoint)],
          featureSchema: market.features.schema.hash, configuration: fit.model.card.parameters,
          dataset: market.source.digest, codeRevision: TernVersion.text, trainingSpan: trainingSpan(last),
          parents: parents, metrics: metrics(of: role), evaluation: evaluation))
      layers.append(
        StackDescription.Layer(role: role, model: fit.model.card.model, artifact: digest))
      parents[role] = "\(layer.version.name)@\(layer.version.version)"
    }
    var timeless = report
    timeless.run.created = 0
    timeless.timings = nil
    let stack = try registry.register(
      Registration(
        name: configuration.registry.stack, kind: .stack,
        files: [
          "stack": .bytes(try CanonicalJSON.encode(description(of: last, layers: layers))),
          "schema": .bytes(Array(schema.utf8)), "report": .bytes(try timeless.json(pretty: false)),
        ],
        featureSchema: market.features.schema.hash, configuration: try resolvedConfiguration(),
        dataset: market.source.digest, codeRevision: TernVersion.text, trainingSpan: trainingSpan(last),
        parents: parents, metrics: metrics(of: "signal") + metrics(of: "trading"), evaluation: evaluation))
    return Result(version: stack.version, refusal: try promote(stack.version, in: registry, last: last))
  }

  /// Moves the alias when every gate holds; otherwise says which do not.
  private func promote(
    _ version: RegisteredVersion, in registry: ModelRegistry, last: FoldModels
  ) throws(TernError) -> [String] {
    if let failure = last.calibrationFailure {
      return ["The last fold could not be calibrated (\(failure)), so its confidence means nothing."]
    }
    guard verdict.outcome == .passed else { return verdict.failures.map(\.sentence) }
    let reference = "\(version.name)@\(version.version)"
    let requirements = PromotionRequirements(featureSchema: market.features.schema.hash)
    let findings = try registry.gateFindings(
      reference, for: configuration.registry.alias, requirements: requirements)
    let failed = findings.filter { !$0.passed }
    guard failed.isEmpty else { return failed.map { "\($0.gate): \($0.detail)" } }
    try registry.promote(reference, to: configuration.registry.alias, requirements: requirements)
    return []
  }

  private func description(of fold: FoldModels, layers: [StackDescription.Layer]) -> StackDescription {
    StackDescription(
      symbol: market.candles.symbol, interval: market.candles.interval,
      featureSchema: market.features.schema.hash, layers: layers, calibration: fold.calibrator,
      confidence: configuration.backtest.minimumConfidence,
      limits: StackDescription.Limits(
        marginFraction: configuration.backtest.marginFraction, leverage: configuration.backtest.leverage,
        takeProfit: configuration.backtest.takeProfit, stopLoss: configuration.backtest.stopLoss,
        horizon: configuration.backtest.horizon))
  }

  private func resolvedConfiguration() throws(TernError) -> JSONValue {
    try CanonicalJSON.decode(JSONValue.self, from: try CanonicalJSON.encode(configuration))
  }

  private func trainingSpan(_ fold: FoldModels) -> TimeSpan {
    TimeSpan(start: fold.fold.train.lowerBound, end: fold.fold.train.upperBound)
  }

  private func metrics(of group: String) -> [Metric] {
    (run.figures[group] ?? [:]).sorted { $0.key < $1.key }.map {
      Metric(split: "walk-forward", name: "\(group)_\($0.key)", value: $0.value)
    }
  }

  private var evaluation: EvaluationRecord {
    let spans = run.folds.map(\.fold.test)
    return EvaluationRecord(
      unseen: true, method: .walkForward,
      span: TimeSpan(start: spans.first?.lowerBound ?? 0, end: spans.last?.upperBound ?? 0),
      dataset: market.source.digest, passed: verdict.outcome == .passed,
      reasons: verdict.failures.map(\.sentence))
  }
}
