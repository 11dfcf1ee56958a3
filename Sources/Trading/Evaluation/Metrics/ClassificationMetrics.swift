import Diagnostics

/// All metrics of a classifier on one set of rows.
public struct ClassificationMetrics: Codable, Equatable, Sendable {
  /// Number of rows.
  public let rows: Int
  /// Names of the classes in index order.
  public let classNames: [String]
  /// Cross-entropy in nats.
  public let logLoss: Double
  /// Cross-entropy of always predicting the class frequencies of these very rows, in nats: the bar to beat.
  public let priorLogLoss: Double
  /// Share of rows whose most probable class is the label.
  public let accuracy: Double
  /// Mean of the per-class recalls over the classes that occur.
  public let balancedAccuracy: Double
  /// Brier score: halved for two classes (0 to 1), the sum over classes for more (0 to 2).
  public let brier: Double
  /// One-vs-rest AUC per class; nil for a class that is absent or alone.
  public let auc: [Double?]
  /// Mean of `auc`, nil unless every class has one.
  public let macroAUC: Double?
  /// Top-label reliability in bins of equal width.
  public let reliability: ReliabilityTable
  /// Top-label reliability in bins of equal mass.
  public let reliabilityByMass: ReliabilityTable
  /// Precision, recall, F1 and support per class.
  public let perClass: [ClassScores]
  /// Labels against predicted classes.
  public let confusion: ConfusionMatrix
  /// The rows on which a decision would act.
  public let confidentSlice: ConfidentSlice

  /// Top-label expected calibration error over 15 bins of equal width.
  public var ece: Double { reliability.expectedCalibrationError }
  /// Top-label expected calibration error over 15 bins of equal mass.
  public var eceByMass: Double { reliabilityByMass.expectedCalibrationError }
  /// AUC of class 1, for binary models.
  public var binaryAUC: Double? { auc.count == 2 ? auc[1] : nil }

  /// Measures a classifier.
  /// - Parameters:
  ///   - labels: class index of each row.
  ///   - weights: sample weights, or nil for equal ones.
  ///   - classNames: names in index order; `"0"`, `"1"`, … when nil.
  ///   - threshold: confidence from which a decision acts.
  ///   - actionableClasses: classes whose prediction acts (LONG and SHORT, not NEUTRAL); nil means all.
  /// - Throws: `TernError` of kind `data` for unusable labels, weights or names.
  public init(
    labels: [Int], probabilities: ClassProbabilities, weights: [Double]? = nil, classNames: [String]? = nil,
    threshold: Double = 0.65, actionableClasses: [Int]? = nil, bins: Int = 15
  ) throws(TernError) {
    let names = classNames ?? (0..<probabilities.classes).map(String.init)
    logLoss = try Metrics.logLoss(labels: labels, probabilities: probabilities, weights: weights)
    accuracy = try Metrics.accuracy(labels: labels, probabilities: probabilities, weights: weights)
    brier =
      probabilities.classes == 2
      ? try Metrics.brierBinary(labels: labels, probabilities: probabilities, weights: weights)
      : try Metrics.brierMulticlass(labels: labels, probabilities: probabilities, weights: weights)
    auc = try Metrics.aucPerClass(labels: labels, probabilities: probabilities, weights: weights)
    macroAUC = Metrics.mean(ofAll: auc)
    reliability = try ReliabilityTable(
      labels: labels, probabilities: probabilities, weights: weights, bins: bins)
    reliabilityByMass = try ReliabilityTable(
      labels: labels, probabilities: probabilities, weights: weights, bins: bins, binning: .equalMass)
    let confusion = try ConfusionMatrix(
      labels: labels, probabilities: probabilities, weights: weights, classNames: names)
    let scores = confusion.perClass
    self.confusion = confusion
    perClass = scores
    let recalls = scores.compactMap(\.recall)
    balancedAccuracy = recalls.reduce(0, +) / Double(recalls.count)
    let total = scores.reduce(0) { $0 + $1.support }
    priorLogLoss = Metrics.entropy(ofShares: scores.map { $0.support / total })
    confidentSlice = try ConfidentSlice(
      labels: labels, probabilities: probabilities, weights: weights, threshold: threshold,
      classes: actionableClasses)
    rows = labels.count
    self.classNames = names
  }
}
