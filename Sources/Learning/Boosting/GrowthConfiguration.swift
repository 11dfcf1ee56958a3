/// Hyper-parameters of how trees grow beyond size and penalties: constraints, categories, sampling by gradient, dropout,
/// linear leaves and quantised gradients.
public struct GrowthConfiguration: Codable, Sendable, Equatable {
  /// How cut points and splits are found.
  public enum TreeMethod: String, Codable, Sendable, CaseIterable {
    /// `hist`.
    case automatic = "auto"
    /// Bins are found once.
    case hist
    /// Bins are found for every tree from values weighted by their hessians (xgboost).
    case approx
    /// Every value of every feature is a cut point (xgboost, depth-wise growth).
    case exact
  }

  /// What a round adds to the rounds before.
  public enum Boosting: String, Codable, Sendable, CaseIterable {
    /// Trees on the derivatives of all trees before.
    case gbdt
    /// Trees on the derivatives of some trees before, the others dropped for the round (Rashmi & Gilad-Bachrach, 2015).
    case dart
  }

  /// Which rows grow a tree.
  public enum RowSampling: String, Codable, Sendable, CaseIterable {
    /// Each row with the same probability (`bagging`, `uniform`).
    case uniform
    /// All rows of large gradients and some of the others, which then weigh more (lightgbm).
    case goss
    /// Each row with a probability in proportion to its regularised gradient and weighted by its inverse (xgboost).
    case gradientBased = "gradient_based"
  }

  /// Which trees XGBoost's dropout prefers.
  public enum DropSampling: String, Codable, Sendable, CaseIterable {
    case uniform, weighted
  }

  /// What XGBoost's dropout makes of weights of dropped and new trees.
  public enum DropNormalisation: String, Codable, Sendable, CaseIterable {
    case tree, forest
  }

  /// For each feature 1 if predictions may not fall, -1 if they may not rise with it, 0 if they may; empty for none.
  public var monotoneConstraints: [Int] = []
  /// Gain of constrained splits is lowered near the root (lightgbm). Default 0.
  public var monotonePenalty = 0.0
  /// Sets of features that may follow one another on a path; empty for no limit.
  public var interactionConstraints: [[Int]] = []
  /// Categories up to which each is split from all others: fewer than this (xgboost), at most this many bins
  /// (lightgbm). Default 4.
  public var maxCatToOnehot = 4
  /// Largest number of categories of one side. Default 64 (xgboost), 32 (lightgbm).
  public var maxCatThreshold: Int
  /// Hessian added when categories are put in order, and least number of rows of one (lightgbm). Default 10.
  public var catSmooth = 10.0
  /// L2 penalty of categorical splits beside `lambda` (lightgbm). Default 10.
  public var catL2 = 10.0
  /// Least number of rows between two candidate partitions (lightgbm). Default 100.
  public var minDataPerGroup = 100
  /// Leaf values are drawn towards their parents' as if those had so many rows (lightgbm). Default 0.
  public var pathSmooth = 0.0
  /// One random threshold of each feature is tried in a node (lightgbm). Default false.
  public var extraTrees = false
  /// Which rows grow a tree. Default uniform.
  public var rowSampling = RowSampling.uniform
  /// Fraction of rows of large gradients that are kept (goss). Default 0.2.
  public var topRate = 0.2
  /// Fraction of rows that are drawn from the others (goss). Default 0.1.
  public var otherRate = 0.1
  /// Fraction of positive rows of `binary` drawn for a tree (lightgbm). Default 1.
  public var posBaggingFraction = 1.0
  /// Fraction of negative rows of `binary` drawn for a tree (lightgbm). Default 1.
  public var negBaggingFraction = 1.0
  /// What a round adds. Default gbdt.
  public var boosting = Boosting.gbdt
  /// Probability to drop a tree (dart). Default 0 (xgboost), 0.1 (lightgbm).
  public var dropRate: Double
  /// Probability that a round drops nothing (dart). Default 0 (xgboost), 0.5 (lightgbm).
  public var skipDrop: Double
  /// Largest number of rounds dropped at once, 0 for no limit (dart, lightgbm). Default 50.
  public var maxDrop = 50
  /// Whether all rounds are dropped with the same probability (dart, lightgbm). Default false.
  public var uniformDrop = false
  /// Whether weights follow XGBoost's rule (dart, lightgbm). Default false.
  public var xgboostDartMode = false
  /// Whether at least one tree is dropped (dart, xgboost). Default false.
  public var oneDrop = false
  /// Which trees dropout prefers (dart, xgboost). Default uniform.
  public var dropSampling = DropSampling.uniform
  /// Weights of dropped and new trees (dart, xgboost). Default tree.
  public var dropNormalisation = DropNormalisation.tree
  /// Trees grown for one round and output on the same derivatives (xgboost): a boosted random forest. Default 1.
  public var numParallelTree = 1
  /// How splits are found. Default auto, which is hist.
  public var treeMethod = TreeMethod.automatic
  /// Whether leaves are linear functions of the numeric features on their paths (lightgbm). Default false.
  public var linearTree = false
  /// L2 penalty on coefficients of linear leaves. Default 0.
  public var linearLambda = 0.0
  /// Whether derivatives are rounded to a few levels (lightgbm). Default false.
  public var useQuantizedGrad = false
  /// Number of levels of the gradient. Default 4.
  public var numGradQuantBins = 4
  /// Whether leaf values come from the derivatives before rounding. Default false.
  public var quantTrainRenewLeaf = false
  /// Whether derivatives are rounded up or down by chance, so that they keep their mean. Default true.
  public var stochasticRounding = true

  /// Whether sparse features that exclude one another share a histogram column; changes speed and memory, never the
  /// model. Default true.
  public var enableBundle = true

  /// The defaults of a style.
  public init(style: BoostingConfiguration.Style) {
    maxCatThreshold = style == .xgboost ? 64 : 32
    dropRate = style == .xgboost ? 0 : 0.1
    skipDrop = style == .xgboost ? 0 : 0.5
  }

  /// Whether training needs the values of features beside their bins.
  var needsValues: Bool { linearTree || treeMethod == .exact || treeMethod == .approx }
}
