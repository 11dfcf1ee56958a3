import Artifacts
import BLAS
import Compute
import Diagnostics
import Files
import Fitting
import Layers
import NetworkModels
import Networks
import Tensors

/// Runs the trainings of a network one after the other and reports them.
struct NetworkTrainer {
  let configuration: NetworkTrainingConfiguration
  let plan: NetworkPlan
  let seed: UInt64
  let workspace: Workspace
  let options: NetworkTrainingOptions
  let progress: any ProgressReporting
  private let written: JSONValue

  /// What training leaves.
  struct Result {
    /// All parameters at the best epoch, or at the last one without validation rows.
    var weights: [ParameterValues]
    /// Where training was when it ended.
    var last: NetworkSnapshot
  }

  /// - Parameter workspace: memory that trainings of one thread share; nil takes memory of its own.
  init(
    _ configuration: NetworkTrainingConfiguration, _ plan: NetworkPlan, seed: UInt64, pool: ThreadPool,
    workspace: Workspace? = nil, options: NetworkTrainingOptions, progress: any ProgressReporting
  ) throws(TernError) {
    self.configuration = configuration
    self.plan = plan
    self.seed = seed
    self.workspace = workspace ?? NetworkTrainer.workspace(over: pool)
    self.options = options
    self.progress = progress
    written = try configuration.json()
  }

  /// Memory for trainings.
  static func workspace(over pool: ThreadPool) -> Workspace {
    Workspace(pool: pool, largeProducts: OpenBLAS())
  }

  /// Trains to the end.
  /// - Throws: `TernError` of kind `interrupted` when a person asked for the end before, `data` when training diverges.
  func train() throws(TernError) -> Result { try train(try pretrainedNetwork()) }

  /// A training that stands still behind every epoch, ready for its first one.
  /// - Throws: as `train()`.
  func epochwise() throws(TernError) -> any EpochwiseTraining { try epochwise(try pretrainedNetwork()) }

  /// The network before its first step with targets.
  private func pretrainedNetwork() throws(TernError) -> any TabularNetwork {
    let network = try plan.network()
    if let pretraining = configuration.pretraining, options.snapshot?.stage != .training,
      let tabnet = network as? TabNet
    {
      try pretrain(tabnet, pretraining)
    }
    return network
  }

  /// How fast the loss falls for which learning rate.
  func search() throws(TernError) -> LearningRateFinder {
    try search(try plan.network())
  }

  private func search(_ network: some TabularNetwork) throws(TernError) -> LearningRateFinder {
    let fit = try fit(network)
    var finder = LearningRateFinder()
    try fit.search(&finder)
    return finder
  }

  private func train(_ network: some TabularNetwork) throws(TernError) -> Result {
    let metrics = LatestMetrics()
    let last = try run(
      try fit(network), .training, validation: plan.validation, score: score(into: metrics), metrics: metrics)
    return Result(weights: network.parameters.values, last: last)
  }

  private func epochwise(_ network: some TabularNetwork) throws(TernError) -> any EpochwiseTraining {
    let metrics = LatestMetrics()
    return EpochwiseFit(
      try fit(network), validation: plan.validation, score: score(into: metrics), metrics: metrics,
      shouldStop: options.shouldStop)
  }

  private func fit<Network: TabularNetwork>(_ network: Network) throws(TernError) -> NetworkFit<Network> {
    try NetworkFit(
      network, configuration.fit, train: plan.table, loss: plan.loss, classWeights: plan.classWeights,
      scoreIsHigherBetter: plan.isHigherBetter, seed: seed, workspace: workspace)
  }

  /// What decides the best epoch; nil without validation rows.
  private func score(into metrics: LatestMetrics) -> FitScore? {
    plan.validation.map { _ in
      FitScore(name: plan.evalMetric, isHigherBetter: plan.isHigherBetter) { margins throws(TernError) in
        metrics.values = try plan.metrics(ofMargins: margins)
        guard let value = metrics.values[plan.evalMetric] else {
          throw TernError(
            .data, "the validation rows do not define the metric", key: "eval_metric", found: plan.evalMetric)
        }
        return value
      }
    }
  }

  /// Trains the encoder to rebuild what is hidden from it, and gives its weights to the network.
  private func pretrain(
    _ network: TabNet, _ configuration: FitConfiguration
  ) throws(TernError) {
    let task = try TabNetReconstruction(
      network.configuration, inputs: plan.header.inputs,
      ParameterScope(RandomSource(seed: seed), into: Parameters()))
    let metrics = LatestMetrics()
    let score = plan.validation.map { _ in
      FitScore(name: "loss", isHigherBetter: false) { margins throws(TernError) in
        let mean = margins.reduce(0) { $0 + Double($1) } / Double(max(margins.count, 1))
        metrics.values = ["loss": mean]
        return mean
      }
    }
    // An error is no less than zero, so its distance from zero is itself.
    let table = FitTable(
      rows: plan.table.rows, targets: [Float](repeating: 0, count: plan.table.rows.count),
      weights: plan.table.weights)
    let fit = try NetworkFit(
      task, configuration, train: table, loss: LossConfiguration(.mae), seed: seed, workspace: workspace)
    _ = try run(fit, .pretraining, validation: plan.validation, score: score, metrics: metrics)
    try network.takeEncoder(of: task.pretraining)
  }

  private func run<Network: TabularNetwork>(
    _ fit: NetworkFit<Network>, _ stage: NetworkSnapshot.Stage, validation: FitRows?, score: FitScore?,
    metrics: LatestMetrics
  ) throws(TernError) -> NetworkSnapshot {
    if let snapshot = options.snapshot, snapshot.stage == stage {
      try fit.restore(try snapshot.state(like: fit.state))
    }
    var last = NetworkSnapshot(stage: stage, state: fit.state, configuration: written)
    var report = ProgressReport(
      stage, rows: plan.table.rows.count, maxEpochs: fit.configuration.maxEpochs, metric: score?.name,
      to: progress)
    let hasEnded = try fit.run(
      validation: validation, score: score,
      onStep: { epoch, batch, batches, loss in report.stepEnded(epoch, batch, batches, loss) },
      onEpoch: { summary throws(TernError) in
        last.state = fit.state
        report.epochEnded(summary)
        let epoch = NetworkEpoch(
          stage: stage, summary: summary, step: last.state.position.step, metrics: metrics.values,
          rowsPerSecond: report.rowsPerSecond, snapshot: last)
        for observer in options.observers { try observer.epochEnded(epoch) }
      }, shouldStop: options.shouldStop)
    report.ended()
    guard hasEnded else {
      last.state = fit.state
      for observer in options.observers { try observer.stopped(last) }
      throw TernError(
        .interrupted, "training was stopped after \(last.state.position.step) steps; --resume goes on with it"
      )
    }
    return last
  }
}

extension NetworkTrainingConfiguration {
  /// The configuration as a document.
  func json() throws(TernError) -> JSONValue {
    try CanonicalJSON.decode(JSONValue.self, from: try CanonicalJSON.encode(self))
  }
}
