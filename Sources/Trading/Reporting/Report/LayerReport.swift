import Calibration
import Evaluation

/// One model of the stack, measured on the pooled unseen rows of all folds.
public struct LayerReport: Codable, Equatable, Sendable {
  /// The layer, for example `signal` or `regime`.
  public var layer: String
  /// The model, for example `xgboost`.
  public var model: String
  /// Metrics of the calibrated probabilities on pooled unseen rows.
  public var metrics: ClassificationMetrics
  /// What calibration changed; nil where none was made.
  public var calibration: CalibrationReport?
  /// Feature importances, any order.
  public var importances: [FeatureImportance]
  /// What the importances are, for example `mean gain over folds`.
  public var importanceKind: String

  /// Gathers a layer's results.
  public init(
    layer: String, model: String, metrics: ClassificationMetrics, calibration: CalibrationReport? = nil,
    importances: [FeatureImportance] = [], importanceKind: String = "gain"
  ) {
    self.layer = layer
    self.model = model
    self.metrics = metrics
    self.calibration = calibration
    self.importances = importances.filter { $0.value.isFinite }
    self.importanceKind = importanceKind
  }

  /// The importances from high to low; equals in order of name.
  public var rankedImportances: [FeatureImportance] {
    importances.sorted { $0.value == $1.value ? $0.name < $1.name : $0.value > $1.value }
  }
}

/// How much a model leans on a feature.
public struct FeatureImportance: Codable, Equatable, Sendable {
  /// Name of the feature.
  public var name: String
  /// Importance in the unit that the layer names, not negative.
  public var value: Double

  /// Pairs a name with its importance.
  public init(name: String, value: Double) {
    self.name = name
    self.value = value
  }
}

/// Unseen-data metrics before and after calibration, so that its worth can be seen.
public struct CalibrationReport: Codable, Equatable, Sendable {
  /// The method.
  public var method: CalibrationMethod
  /// Rows it was fitted on, over all folds.
  public var fittedRows: Int
  /// Cross-entropy before, nats.
  public var logLossBefore: Double
  /// Cross-entropy after, nats.
  public var logLossAfter: Double
  /// Expected calibration error before.
  public var eceBefore: Double
  /// Expected calibration error after.
  public var eceAfter: Double
  /// The rows on which decisions would have acted before calibration.
  public var sliceBefore: ConfidentSlice
  /// The rows on which decisions act after calibration.
  public var sliceAfter: ConfidentSlice

  /// Compares metrics of the same rows before and after.
  public init(
    method: CalibrationMethod, fittedRows: Int, before: ClassificationMetrics, after: ClassificationMetrics
  ) {
    self.method = method
    self.fittedRows = fittedRows
    logLossBefore = before.logLoss
    logLossAfter = after.logLoss
    eceBefore = before.ece
    eceAfter = after.ece
    sliceBefore = before.confidentSlice
    sliceAfter = after.confidentSlice
  }
}
