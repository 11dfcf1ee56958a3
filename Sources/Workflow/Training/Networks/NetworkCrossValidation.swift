import Artifacts
import Boosting
import Compute
import Diagnostics
import Fitting
import NetworkModels

/// Trainings of a network, one for each fold, epoch by epoch side by side, and the mean of their metrics.
///
/// Preparation, bins and scaling of the target are those of a fold's training rows alone, as is pre-training.
struct NetworkCrossValidation {
  /// One figure over the epochs.
  struct Series {
    /// `train` or `valid`.
    let dataset: String
    let metric: String
    /// Mean over the folds after each epoch, not a number where a fold does not define it.
    var mean: [Double] = []
    /// Standard deviation over the folds (of all, not of a sample).
    var deviation: [Double] = []
  }

  /// The loss of the training rows, then the metrics of the validation rows.
  private(set) var series: [Series]
  /// The metric that decides.
  let decisive: String
  /// The epoch, from zero, with its best mean.
  private(set) var bestEpoch = 0
  /// The metrics of each fold's validation rows after that epoch.
  private(set) var bestMetrics: [[String: Double]] = []
  /// Epochs trained, including those after the best one.
  private(set) var epochs = 0

  /// Trains all folds until the mean of the decisive metric has stood still for the configuration's patience.
  /// - Parameter initial: a model that all folds go on from.
  /// - Throws: `TernError` as the training of a network does, for instance when a fold lacks a class that is to be balanced.
  init(
    _ configuration: NetworkTrainingConfiguration, signature: ModelSignature, table: TrainingTable,
    folds: [Fold], initial: NetworkModel?, seed: UInt64, pool: ThreadPool,
    shouldStop: @escaping @Sendable () -> Bool, progress: some ProgressReporting
  ) throws(TernError) {
    var single = configuration
    // The mean over the folds decides when to stop, for all of them.
    single.fit.patience = 0
    var options = NetworkTrainingOptions()
    options.initial = initial
    options.shouldStop = shouldStop
    let workspace = NetworkTrainer.workspace(over: pool)
    var trainings: [any EpochwiseTraining] = []
    var watched: (metric: String, isHigherBetter: Bool)?
    for fold in folds {
      let plan = try NetworkPlan(
        single, signature: signature, train: try table.selecting(rows: fold.train),
        valid: try table.selecting(rows: fold.valid), initial: initial, seed: seed, pool: pool)
      watched = (plan.evalMetric, plan.isHigherBetter)
      trainings.append(
        try NetworkTrainer(
          single, plan, seed: seed, pool: pool, workspace: workspace, options: options, progress: progress
        ).epochwise())
    }
    guard let watched else { throw TernError(.configuration, "there is no fold", key: "cv") }
    decisive = watched.metric
    series =
      [Series(dataset: "train", metric: "loss")]
      + NetworkPlan.metricNames(of: signature.task).map { Series(dataset: "valid", metric: $0) }
    var stopping = EarlyStopping(
      patience: configuration.fit.patience, minDelta: configuration.fit.minDelta,
      isHigherBetter: watched.isHigherBetter)
    try follow(trainings, maxEpochs: single.fit.maxEpochs, &stopping, progress)
  }

  private mutating func follow(
    _ trainings: [any EpochwiseTraining], maxEpochs: Int, _ stopping: inout EarlyStopping,
    _ progress: some ProgressReporting
  ) throws(TernError) {
    let phase = "cross-validation"
    var remark = ""
    while epochs < maxEpochs {
      var latest: [(loss: Double, metrics: [String: Double])] = []
      for training in trainings {
        let (summary, metrics) = try training.advance()
        latest.append((summary.loss, metrics))
        progress.update(
          phase: phase, completed: epochs * trainings.count + latest.count,
          total: maxEpochs * trainings.count, remark: "epoch \(epochs + 1)\(remark)")
      }
      for place in series.indices {
        let metric = series[place].metric
        series[place].append(
          latest.map { series[place].dataset == "train" ? $0.loss : $0.metrics[metric] ?? .nan })
      }
      let score = series.first { $0.dataset == "valid" && $0.metric == decisive }?.mean.last ?? .nan
      remark = "  \(decisive) \((score * 1e6).rounded() / 1e6)"
      let stops = stopping.shouldStop(round: epochs, scores: [score])
      if stopping.bestRound == epochs { bestMetrics = latest.map(\.metrics) }
      epochs += 1
      if stops { break }
    }
    bestEpoch = stopping.bestRound
    progress.update(phase: phase, completed: 1, total: 1, remark: "")
  }

  /// A figure's value after an epoch: its mean and deviation over the folds.
  func best(_ value: KeyPath<Series, [Double]>) -> Double {
    series.first { $0.dataset == "valid" && $0.metric == decisive }?[keyPath: value][bestEpoch] ?? .nan
  }
}

extension NetworkCrossValidation.Series {
  /// Takes the values of the folds after an epoch.
  fileprivate mutating func append(_ values: [Double]) {
    let mean = values.reduce(0, +) / Double(values.count)
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    self.mean.append(mean)
    deviation.append(square.squareRoot())
  }
}
