import Compute
import Diagnostics

/// Metrics of every round, averaged over folds.
public struct CrossValidation: Codable, Sendable {
  /// One metric on one kind of rows.
  public struct Series: Codable, Sendable, Equatable {
    /// `train` or `valid`.
    public var dataset: String
    /// The metric.
    public var metric: Metric
    /// Mean over the folds, one value per round.
    public var mean: [Double]
    /// Standard deviation over the folds (of all, not of a sample), one value per round.
    public var deviation: [Double]
  }

  /// Number of folds.
  public var folds: Int
  /// Metrics per round, training rows first.
  public var series: [Series]
  /// Round (from zero) with the best mean of the decisive metric on the validation rows.
  public var bestRound: Int
  /// The metric that decides.
  public var bestMetric: Metric
  /// Its mean at `bestRound`.
  public var bestMean: Double
  /// Its deviation at `bestRound`.
  public var bestDeviation: Double
  /// Rounds trained, including those after the best one.
  public var rounds: Int
}

extension Booster {
  /// Trains one model per fold, all of them round by round side by side, and follows their mean metrics.
  ///
  /// Early stopping watches the mean over the folds, as in XGBoost's and LightGBM's `cv`. Bins are made from the training
  /// rows of each fold alone.
  /// - Throws: `TernError(.configuration)` or `TernError(.data)`, for instance when a fold lacks a class.
  public static func crossValidate(
    configuration: BoostingConfiguration, table: TrainingTable, folds: [Fold], pool: ThreadPool,
    options: BoostingOptions = BoostingOptions(), progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> CrossValidation {
    try configuration.validate()
    guard !folds.isEmpty else { throw TernError(.configuration, "there is no fold", key: "cv") }
    var configuration = configuration
    if configuration.objective.task == .multiclass, configuration.numClass == 0 {
      // A fold without the last class still has its output.
      configuration.numClass = Int(min(max(table.labels.max() ?? 0, 0), 65_535)) + 1
    }
    var single = configuration
    single.earlyStoppingRounds = 0
    let sessions = try folds.map { fold throws(TernError) in
      let dataset = try BinnedDataset(table: table, rows: fold.train, configuration: single, pool: pool)
      let columns =
        options.initialForest == nil
        ? nil : table.columns.map { column in fold.train.map { column[Int($0)] } }
      return try BoostingSession(
        configuration: single, dataset: dataset, columns: columns, rows: nil,
        valid: try table.selecting(rows: fold.valid), options: options, pool: pool)
    }
    return try CrossValidation(
      following: sessions, rounds: configuration.numBoostRound, metrics: sessions[0].train.metrics,
      stopping: EarlyStopping(configuration: configuration, metrics: sessions[0].train.metrics),
      progress: progress)
  }
}
