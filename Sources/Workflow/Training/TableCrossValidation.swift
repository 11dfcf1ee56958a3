import Artifacts
import Boosting
import Compute
import Diagnostics
import Files

/// Cross-validates a model on a table: the work behind `tern train --cv`.
public struct TableCrossValidation: Sendable {
  /// What a cross-validation found, as `--json` prints it and `cv.json` keeps it.
  public struct Summary: Codable, Sendable {
    /// One metric on one kind of rows, a value per round or epoch, nil where a fold cannot define it.
    public struct Series: Codable, Sendable {
      /// `train` or `valid`.
      public var dataset: String
      /// The metric; of a network's training rows `loss`.
      public var metric: String
      /// Mean over the folds.
      public var mean: [Double?]
      /// Standard deviation over the folds.
      public var deviation: [Double?]
    }

    /// The algorithm.
    public var model: String
    /// What is asked for.
    public var task: Task
    /// Seed of folds and of all sampling.
    public var seed: UInt64
    /// Training rows.
    public var rows: Int
    /// Input columns.
    public var features: Int
    /// Number of folds.
    public var folds: Int
    /// How rows were divided.
    public var mode: FoldMode
    /// Rounds or epochs trained, including those after the best one.
    public var rounds: Int
    /// Round or epoch, from zero, with the best mean of the decisive metric on the held-out rows.
    public var bestRound: Int
    /// The decisive metric.
    public var bestMetric: String
    /// Its mean over the folds at the best round; nil where a fold cannot define it.
    public var bestMean: Double?
    /// Its standard deviation over the folds at the best round.
    public var bestDeviation: Double?
    /// The metrics of each fold's held-out rows at the best epoch of a network; nil for boosted trees.
    public var foldMetrics: [[String: Double]]?
    /// Mean and deviation of every metric after every round or epoch.
    public var series: [Series]
    /// Seconds of training all folds, without reading files.
    public var trainSeconds: Double
    /// The file that keeps this.
    public var output: String

    enum CodingKeys: String, CodingKey {
      case model, task, seed, rows, features, folds, mode, rounds, series, output
      case bestRound = "best_round"
      case bestMetric = "best_metric"
      case bestMean = "best_mean"
      case bestDeviation = "best_deviation"
      case foldMetrics = "fold_metrics"
      case trainSeconds = "train_seconds"
    }
  }

  private let request: TableTraining.Request
  private let folds: Int
  private let mode: FoldMode

  /// Takes a request for a training, the number of folds and how rows are divided.
  public init(_ request: TableTraining.Request, folds: Int, mode: FoldMode) {
    self.request = request
    self.folds = folds
    self.mode = mode
  }

  /// Reads the training table, trains one model per fold side by side and writes `cv.json` into the run directory.
  ///
  /// Classes are spread evenly over the folds, queries stay whole, and `time` keeps to the order of the rows.
  public func run(progress: some ProgressReporting) throws(TernError) -> Summary {
    guard request.valid == nil, request.test == nil, request.refitted == nil, !request.resumes,
      request.snapshotEvery == 0
    else {
      throw TernError(
        .usage, "cross-validation takes its validation rows from the training table and leaves no model",
        key: "--cv", expected: "no --valid, --test, --refit, --snapshot-every or --resume beside it")
    }
    let tables = try TrainingTables(request)
    let pool = ThreadPool(threads: request.threads > 0 ? request.threads : ThreadPool.availableThreads)
    let clock = ContinuousClock()
    let start = clock.now
    var summary: Summary
    do throws(TernError) {
      switch request.method {
      case .boosting(let family, let parameters):
        summary = try boosted(family, parameters, tables, pool: pool, progress: progress)
      case .network(let configuration):
        summary = try trained(configuration, tables, pool: pool, progress: progress)
      }
    } catch { throw error.kind == .data ? error.inFile(request.data) : error }
    let elapsed = (clock.now - start).components
    summary.trainSeconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    let directory = RunDirectory(path: request.output)
    try AtomicFile.createDirectory(directory.path)
    try AtomicFile.write(try CanonicalJSON.encode(summary, pretty: true), to: directory.crossValidation)
    return summary
  }

  /// The folds of a table.
  private func divided(_ tables: TrainingTables, seed: UInt64) throws(TernError) -> [Fold] {
    try Fold.folds(
      of: tables.train, count: folds, mode: mode, isStratified: request.task.hasClasses, seed: seed)
  }

  /// The figures of boosted trees.
  private func boosted(
    _ family: BoostingFamily, _ parameters: [String: String], _ tables: TrainingTables, pool: ThreadPool,
    progress: some ProgressReporting
  ) throws(TernError) -> Summary {
    var options = BoostingOptions()
    options.initialForest = try request.initial?.forest(for: "boosting").forest
    let (result, seed) = try crossValidate(
      family, parameters, tables, pool: pool, options: options, progress: progress)
    var summary = summary(tables, seed: seed)
    summary.rounds = result.rounds
    summary.bestRound = result.bestRound
    summary.bestMetric = result.bestMetric.rawValue
    summary.bestMean = finite(result.bestMean)
    summary.bestDeviation = finite(result.bestDeviation)
    summary.series = result.series.map {
      Summary.Series(
        dataset: $0.dataset, metric: $0.metric.rawValue, mean: $0.mean.map(finite),
        deviation: $0.deviation.map(finite))
    }
    return summary
  }

  /// The figures and the seed that drew them.
  private func crossValidate(
    _ family: BoostingFamily, _ parameters: [String: String], _ tables: TrainingTables, pool: ThreadPool,
    options: BoostingOptions, progress: some ProgressReporting
  ) throws(TernError) -> (CrossValidation, seed: UInt64) {
    guard family.style != nil else {
      let configuration = try BoostingFit.obliviousConfiguration(
        family, parameters: parameters, signature: tables.signature, seed: request.seed)
      let result = try ObliviousBooster.crossValidate(
        configuration: configuration, table: tables.train,
        folds: try divided(tables, seed: configuration.randomSeed), pool: pool, options: options,
        progress: progress)
      return (result, configuration.randomSeed)
    }
    let configuration = try BoostingFit.configuration(
      family, parameters: parameters, signature: tables.signature, seed: request.seed,
      for: "a cross-validation")
    let result = try Booster.crossValidate(
      configuration: configuration, table: tables.train, folds: try divided(tables, seed: configuration.seed),
      pool: pool, options: options, progress: progress)
    return (result, configuration.seed)
  }

  /// The figures of a network.
  private func trained(
    _ configuration: NetworkTrainingConfiguration, _ tables: TrainingTables, pool: ThreadPool,
    progress: some ProgressReporting
  ) throws(TernError) -> Summary {
    let result: NetworkCrossValidation
    do throws(TernError) {
      result = try NetworkCrossValidation(
        configuration, signature: tables.signature, table: tables.train,
        folds: try divided(tables, seed: request.seed),
        initial: try request.initial?.network(for: "going on with a network").model, seed: request.seed,
        pool: pool, shouldStop: request.shouldStop, progress: progress)
    } catch {
      guard error.kind == .interrupted else { throw error }
      throw TernError(.interrupted, "the cross-validation was stopped and leaves nothing")
    }
    var summary = summary(tables, seed: request.seed)
    summary.rounds = result.epochs
    summary.bestRound = result.bestEpoch
    summary.bestMetric = result.decisive
    summary.bestMean = finite(result.best(\.mean))
    summary.bestDeviation = finite(result.best(\.deviation))
    summary.foldMetrics = result.bestMetrics
    summary.series = result.series.map {
      Summary.Series(
        dataset: $0.dataset, metric: $0.metric, mean: $0.mean.map(finite), deviation: $0.deviation.map(finite)
      )
    }
    return summary
  }

  /// What is known before the figures.
  private func summary(_ tables: TrainingTables, seed: UInt64) -> Summary {
    Summary(
      model: request.method.name, task: request.task, seed: seed, rows: tables.train.rows,
      features: tables.train.features, folds: folds, mode: mode, rounds: 0, bestRound: 0, bestMetric: "",
      series: [], trainSeconds: 0, output: RunDirectory(path: request.output).crossValidation)
  }

  private func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
}
