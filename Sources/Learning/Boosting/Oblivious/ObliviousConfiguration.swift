/// Hyper-parameters of CatBoost-style boosting, named after CatBoost's own, with its defaults on the CPU.
///
/// What is nil is decided by the loss and the data when training begins (`resolved(for:)`), as CatBoost does.
public struct ObliviousConfiguration: Codable, Sendable, Equatable {
  /// What is minimised.
  public enum Loss: String, Codable, Sendable, CaseIterable {
    /// √(Σ w (y - f)² / Σ w).
    case rmse = "RMSE"
    /// Cross-entropy of a 0/1 label under a logistic link.
    case logloss = "Logloss"
    /// Cross-entropy of a probability under a logistic link.
    case crossEntropy = "CrossEntropy"
    /// Cross-entropy of a class under a softmax.
    case multiClass = "MultiClass"
  }

  /// How the values that decide a tree's structure are made free of the labels they are tested on.
  public enum BoostingType: String, Codable, Sendable, CaseIterable {
    /// One model for all rows.
    case plain = "Plain"
    /// A row's derivative comes from a model that was trained on the rows before it in a permutation.
    case ordered = "Ordered"
  }

  /// In which order and shape trees grow.
  public enum GrowPolicy: String, Codable, Sendable, CaseIterable {
    /// One test for all leaves of a level.
    case symmetricTree = "SymmetricTree"
    /// Level by level, each leaf by a test of its own.
    case depthwise = "Depthwise"
    /// The leaf with the largest gain first.
    case lossguide = "Lossguide"
  }

  /// How rows are weighed at random for a tree.
  public enum BootstrapType: String, Codable, Sendable, CaseIterable {
    /// Weights (-ln u)^`bagging_temperature`.
    case bayesian = "Bayesian"
    /// Each row with probability `subsample`.
    case bernoulli = "Bernoulli"
    /// Minimal variance sampling: large gradients always, small ones with a probability that their weight makes up for.
    case mvs = "MVS"
    /// All rows.
    case none = "No"
  }

  /// How a candidate split is scored.
  public enum ScoreFunction: String, Codable, Sendable, CaseIterable {
    /// Σ v G / √(Σ v² W) over the leaves, v = G / (W + l2).
    case cosine = "Cosine"
    /// Σ v G.
    case l2 = "L2"
  }

  /// How a leaf value is found.
  public enum LeafEstimation: String, Codable, Sendable, CaseIterable {
    /// Σ g / (Σ h + l2).
    case newton = "Newton"
    /// Σ g / (Σ w + l2).
    case gradient = "Gradient"
  }

  /// Whether a step of leaf estimation has to lower the loss.
  public enum Backtracking: String, Codable, Sendable, CaseIterable {
    /// Every step is taken.
    case none = "No"
    /// A step that does not lower the loss is halved.
    case anyImprovement = "AnyImprovement"
  }

  /// How the borders of a numeric feature are chosen.
  public enum BorderType: String, Codable, Sendable, CaseIterable {
    /// Splits the bin with the largest gain of Σ log count, near its median.
    case greedyLogSum = "GreedyLogSum"
    /// Splits the bin with the largest loss of Σ count log count, near its median.
    case greedyMinEntropy = "GreedyMinEntropy"
    /// Equal counts.
    case median = "Median"
    /// Equal distances.
    case uniform = "Uniform"
    /// Half of each.
    case uniformAndQuantiles = "UniformAndQuantiles"
  }

  /// Where missing values of numeric features go.
  public enum NanMode: String, Codable, Sendable, CaseIterable {
    /// Below every other value.
    case min = "Min"
    /// Above every other value.
    case max = "Max"
    /// They are an error.
    case forbidden = "Forbidden"
  }

  /// When training stops before the last iteration.
  public enum OverfittingDetector: String, Codable, Sendable, CaseIterable {
    /// When the metric's trend says that it will not improve.
    case incToDec = "IncToDec"
    /// When the metric has not improved for `od_wait` iterations.
    case iter = "Iter"
  }

  /// Which rows a Counter counts.
  public enum CounterMethod: String, Codable, Sendable, CaseIterable {
    /// Training rows.
    case skipTest = "SkipTest"
    /// Training and validation rows.
    case full = "Full"
  }

  /// Weights of the classes that are computed from their frequencies.
  public enum AutoClassWeights: String, Codable, Sendable, CaseIterable {
    /// None.
    case none = "None"
    /// Inversely proportional to the class's weight.
    case balanced = "Balanced"
    /// The square root of that.
    case sqrtBalanced = "SqrtBalanced"
  }

  /// What is minimised. Default RMSE.
  public var lossFunction: Loss = .rmse
  /// The metric of early stopping, nil for the loss. Default nil.
  public var evalMetric: Metric?
  /// More metrics that are recorded. Default empty.
  public var customMetrics: [Metric] = []
  /// Number of trees. Default 1000.
  public var iterations = 1000
  /// Factor on every leaf value, nil for the formula of rows and iterations. Default nil.
  public var learningRate: Double?
  /// Depth of a tree, 1 ... 16, or up to 65535 of Lossguide. Default 6.
  public var depth = 6
  /// Order and shape of trees; all but SymmetricTree in Plain boosting only. Default SymmetricTree.
  public var growPolicy: GrowPolicy = .symmetricTree
  /// Most leaves of a tree of Lossguide, 1 ... 65536. Default 31.
  public var maxLeaves = 31
  /// Fewest drawn rows of a leaf that Depthwise and Lossguide split. Default 1.
  public var minDataInLeaf = 1
  /// L2 penalty on leaf values, nil for 3. Default nil.
  public var l2LeafReg: Double?
  /// Scale of the noise on scores. Default 1.
  public var randomStrength = 1.0
  /// Share of features drawn for every level. Default 1.
  public var rsm = 1.0
  /// Largest number of borders of a numeric feature, 1 ... 255. Default 254.
  public var borderCount = 254
  /// How borders are chosen. Default GreedyLogSum.
  public var featureBorderType: BorderType = .greedyLogSum
  /// How splits are scored. Default Cosine.
  public var scoreFunction: ScoreFunction = .cosine
  /// Plain or Ordered. Default Plain.
  public var boostingType: BoostingType = .plain
  /// How rows are weighed at random, nil for MVS, or Bayesian for MultiClass. Default nil.
  public var bootstrapType: BootstrapType?
  /// Share of rows of MVS (default 0.8, all below 100 rows) and Bernoulli (default 0.66), nil for these. Default nil.
  public var subsample: Double?
  /// Exponent of Bayesian weights; 0 for none. Default 1.
  public var baggingTemperature = 1.0
  /// λ of MVS, nil for the squared mean leaf value of the last tree. Default nil.
  public var mvsReg: Double?
  /// How leaf values are found, nil for Newton. Default nil.
  public var leafEstimationMethod: LeafEstimation?
  /// Steps of leaf estimation, nil for the loss's own number. Default nil.
  public var leafEstimationIterations: Int?
  /// Whether steps have to lower the loss. Default AnyImprovement.
  public var leafEstimationBacktracking: Backtracking = .anyImprovement
  /// Whether training starts at the best constant, nil for RMSE only. Default nil.
  public var boostFromAverage: Bool?
  /// Where missing numbers go. Default Min.
  public var nanMode: NanMode = .min
  /// Categorical features of at most so many categories are tested category by category. Default 2.
  public var oneHotMaxSize = 2
  /// Largest number of features in a combination, nil for 4, or 1 below 200 iterations. Default nil.
  public var maxCtrComplexity: Int?
  /// What stands for the categories of one column. Default Borders and Counter.
  public var simpleCtr = StatisticDescription.defaults
  /// What stands for combinations of categories. Default Borders and Counter.
  public var combinationsCtr = StatisticDescription.defaults
  /// What stands for the categories of a column, by its number, in place of `simpleCtr`. Default empty.
  public var perFeatureCtr: [Int: [StatisticDescription]] = [:]
  /// Number of borders on a target that is a number, 1 ... 255. Default 1.
  public var ctrTargetBorderCount = 1
  /// Which rows a Counter counts. Default SkipTest.
  public var counterCalcMethod: CounterMethod = .skipTest
  /// Penalty on target statistics of features with many categories. Default 0.5.
  public var modelSizeReg = 0.5
  /// Bytes of statistics of categories that are kept for further trees, nil for 48 MiB or 256 a row, if these are more; never
  /// changes the result. Default nil.
  public var usedRamLimit: Int?
  /// Number of permutations, that of the leaf values included. Default 4.
  public var permutationCount = 4
  /// Neighbours of the shuffled rows that stay together in a permutation, 0 for rows / 1000 + 1 up to 256. Default 0.
  public var foldPermutationBlock = 0
  /// Growth of the segments of Ordered. Default 2.
  public var foldLenMultiplier = 2.0
  /// Whether the rows are in order of time and are not permuted. Default false.
  public var hasTime = false
  /// How overfitting is detected. Default IncToDec.
  public var odType: OverfittingDetector = .incToDec
  /// Iterations without improvement. Default 20.
  public var odWait = 20
  /// Threshold of IncToDec; 0 turns it off. Default 0.
  public var odPval = 0.0
  /// Whether the trees after the best iteration are dropped, nil for whenever there are validation rows. Default nil.
  public var useBestModel: Bool?
  /// Fewest trees that `useBestModel` keeps. Default 1.
  public var bestModelMinTrees = 1
  /// One weight for each class, or empty. Default empty.
  public var classWeights: [Double] = []
  /// Weights of classes from their frequencies. Default None.
  public var autoClassWeights: AutoClassWeights = .none
  /// Weight of class 1 of Logloss. Default 1.
  public var scalePosWeight = 1.0
  /// Number of classes of MultiClass; 0 takes the largest label plus one. Default 0.
  public var classesCount = 0
  /// Seed of all sampling. Default 0.
  public var randomSeed: UInt64 = 0
  /// Number of threads, 0 for all processors; never changes the result. Default 0.
  public var threadCount = 0

  /// The defaults.
  public init() {}
}
