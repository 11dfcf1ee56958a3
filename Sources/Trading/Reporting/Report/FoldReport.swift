import Evaluation

/// One walk-forward fold in a row of the report's table.
public struct FoldReport: Codable, Equatable, Sendable {
  /// Position, from zero.
  public let index: Int
  /// First training decision, milliseconds since the epoch, UTC.
  public let trainStart: Int64
  /// End (exclusive) of the training decisions.
  public let trainEnd: Int64
  /// First test decision.
  public let testStart: Int64
  /// End (exclusive) of the test decisions.
  public let testEnd: Int64
  /// Training rows.
  public let trainRows: Int
  /// Calibration rows.
  public let calibrationRows: Int
  /// Rows dropped because their labels reached too far.
  public let purgedRows: Int
  /// Test rows.
  public let testRows: Int
  /// Cross-entropy on the test rows, nats.
  public let logLoss: Double?
  /// Accuracy on the test rows.
  public let accuracy: Double?
  /// One-vs-rest AUC per class on the test rows.
  public let auc: [Double?]
  /// Expected calibration error on the test rows.
  public let ece: Double?
  /// Decisions at or above the threshold.
  public let signals: Int?
  /// Round-trip trades.
  public let trades: Int?
  /// Mean net return per trade, a fraction.
  public let expectancy: Double?
  /// Net return over the test span, a fraction.
  public let totalReturn: Double?
  /// Largest loss from a peak within the test span, a fraction above zero.
  public let maximumDrawdown: Double?

  /// Gathers a fold's numbers; those that are not finite become nil.
  public init(
    fold: WalkForward.Fold, trainRows: Int, calibrationRows: Int, purgedRows: Int, testRows: Int,
    metrics: ClassificationMetrics? = nil, signals: Int? = nil, trades: Int? = nil, expectancy: Double? = nil,
    totalReturn: Double? = nil, maximumDrawdown: Double? = nil
  ) {
    index = fold.index
    trainStart = fold.train.lowerBound
    trainEnd = fold.train.upperBound
    testStart = fold.test.lowerBound
    testEnd = fold.test.upperBound
    self.trainRows = trainRows
    self.calibrationRows = calibrationRows
    self.purgedRows = purgedRows
    self.testRows = testRows
    logLoss = finite(metrics?.logLoss)
    accuracy = finite(metrics?.accuracy)
    auc = metrics?.auc ?? []
    ece = finite(metrics?.ece)
    self.signals = signals
    self.trades = trades
    self.expectancy = finite(expectancy)
    self.totalReturn = finite(totalReturn)
    self.maximumDrawdown = finite(maximumDrawdown)
  }
}
