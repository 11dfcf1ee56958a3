import Diagnostics

/// Hyper-parameters of gradient boosting, named after the peers' own.
///
/// The style decides the defaults and the algorithm's fine print: bins, split gain, legality of splits, hessian
/// factors and base scores follow XGBoost's `hist` or LightGBM.
public struct BoostingConfiguration: Codable, Sendable, Equatable {
  /// Whose algorithm is followed.
  public enum Style: String, Codable, Sendable, CaseIterable {
    /// XGBoost `hist`: depth-wise by default, lambda 1, eta 0.3.
    case xgboost
    /// LightGBM: leaf-wise, 31 leaves, at least 20 rows a leaf.
    case lightgbm
  }

  /// Which leaf is split next.
  public enum GrowPolicy: String, Codable, Sendable, CaseIterable {
    /// Level by level.
    case depthwise
    /// The leaf with the largest gain first.
    case lossguide
  }

  /// Whose algorithm is followed.
  public var style: Style
  /// What is minimised. Default: regression.
  public var objective: Objective = .squaredError
  /// The numbers that single objectives take.
  public var objectiveSettings: ObjectiveSettings
  /// Weights of the classes of a classification, multiplied onto the training rows' own. Default none.
  public var classWeights = ClassWeights.none
  /// Number of classes of `multiclass`; 0 takes the largest label plus one. Default 0.
  public var numClass = 0
  /// Number of boosting rounds. Default 100.
  public var numBoostRound = 100
  /// Factor on every leaf value. Default 0.3 (xgboost), 0.1 (lightgbm).
  public var learningRate: Double
  /// L2 penalty on leaf values. Default 1 (xgboost), 0 (lightgbm).
  public var lambda: Double
  /// L1 penalty on leaf values. Default 0.
  public var alpha = 0.0
  /// Smallest gain of a split (`min_split_loss`, `min_gain_to_split`). Default 0.
  public var gamma = 0.0
  /// Largest depth of a tree, 0 for no limit. Default 6 (xgboost), 0 (lightgbm).
  public var maxDepth: Int
  /// Largest number of leaves of a tree, 0 for no limit. Default 0 (xgboost), 31 (lightgbm).
  public var maxLeaves: Int
  /// Smallest sum of hessians of a child. Default 1 (xgboost), 0.001 (lightgbm).
  public var minChildWeight: Double
  /// Smallest number of rows of a child. Default 0 (xgboost), 20 (lightgbm).
  public var minDataInLeaf: Int
  /// Largest absolute leaf value before the learning rate, 0 for no limit. Default 0.
  public var maxDeltaStep = 0.0
  /// Fraction of rows drawn for a tree. Default 1.
  public var subsample = 1.0
  /// Rows are drawn anew every so many rounds; 0 turns drawing off (lightgbm's default). Default 1 (xgboost), 0 (lightgbm).
  public var baggingFreq: Int
  /// Fraction of features drawn for a tree. Default 1.
  public var colsampleBytree = 1.0
  /// Fraction of the tree's features drawn for a level. Default 1.
  public var colsampleBylevel = 1.0
  /// Fraction of the level's features drawn for a node. Default 1.
  public var colsampleBynode = 1.0
  /// Largest number of bins of a feature, 2 ... 256, the bin of missing values included. Default 256 (xgboost), 255 (lightgbm).
  public var maxBin: Int
  /// Smallest number of rows in a bin. Default 1 (xgboost), 3 (lightgbm).
  public var minDataInBin: Int
  /// Rows from which bins are found, 0 for all; drawn at random if there are more. Default 0 (xgboost), 200000 (lightgbm).
  public var binConstructSampleCount: Int
  /// Factor on gradients and hessians of positive rows of `binary`. Default 1.
  public var scalePosWeight = 1.0
  /// Weighs the rarer class of `binary` so that both classes weigh the same. Default false.
  public var isUnbalance = false
  /// First prediction (a probability for `binary`); nil estimates it from the labels. Default nil.
  public var baseScore: Double?
  /// Whether the first prediction is estimated from the labels when `baseScore` is nil. Default true.
  public var boostFromAverage = true
  /// Stops when the last metric has not improved on the validation rows for so many rounds, 0 for never. Default 0.
  public var earlyStoppingRounds = 0
  /// Share of the old leaf value that `Booster.refit` keeps, 0 ... 1. Default 0.9.
  public var refitDecayRate = 0.9
  /// An improvement smaller than this is none. Default 0.
  public var earlyStoppingMinDelta = 0.0
  /// Which metric early stopping watches. Default the last (xgboost), any (lightgbm).
  public var earlyStoppingMetric: EarlyStoppingMetric
  /// Metrics by name, computed after every round; empty takes the objective's own. Default empty.
  public var metrics: [Metric] = []
  /// Whether the metrics of the training rows are computed after every round, else after the last only. Default true.
  public var trainMetric = true
  /// Seed of all sampling. Default 0.
  public var seed: UInt64 = 0
  /// Number of threads, 0 for all processors; never changes the result. Default 0.
  public var threads = 0
  /// Which leaf is split next. Default depthwise (xgboost), lossguide (lightgbm).
  public var growPolicy: GrowPolicy

  /// The defaults of a style.
  public init(style: Style) {
    self.style = style
    objectiveSettings = ObjectiveSettings(style: style)
    earlyStoppingMetric = style == .lightgbm ? .any : .last
    switch style {
    case .xgboost:
      learningRate = 0.3
      lambda = 1
      maxDepth = 6
      maxLeaves = 0
      minChildWeight = 1
      minDataInLeaf = 0
      baggingFreq = 1
      maxBin = 256
      minDataInBin = 1
      binConstructSampleCount = 0
      growPolicy = .depthwise
    case .lightgbm:
      learningRate = 0.1
      lambda = 0
      maxDepth = 0
      maxLeaves = 31
      minChildWeight = 1e-3
      minDataInLeaf = 20
      baggingFreq = 0
      maxBin = 255
      minDataInBin = 3
      binConstructSampleCount = 200_000
      growPolicy = .lossguide
    }
  }

  /// The metrics that are computed: those asked for, or the objective's own.
  public var effectiveMetrics: [Metric] {
    let chosen = metrics.isEmpty ? [objective.defaultMetric(settings: objectiveSettings)] : metrics
    return chosen.flatMap { metric -> [Metric] in
      guard metric.kind == .ndcg || metric.kind == .map, metric.number == nil else { return [metric] }
      return objectiveSettings.positions.map { Metric(metric.kind, number: Double($0)) }
    }
  }
}
