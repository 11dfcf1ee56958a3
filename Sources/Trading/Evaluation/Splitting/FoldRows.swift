import Chronology
import Diagnostics

/// When rows were decided and when their labels became known.
public struct RowTimes: Equatable, Sendable {
  /// Decision times, milliseconds since the epoch, UTC; any order, several rows may share one.
  public let decision: [Int64]
  /// Label end times: when the price that settled the label was known.
  public let labelEnd: [Int64]

  /// Takes both columns.
  /// - Throws: `TernError` of kind `data` for unequal lengths, or a label that ends before its decision.
  public init(decision: [Int64], labelEnd: [Int64]) throws(TernError) {
    guard decision.count == labelEnd.count else {
      throw TernError(
        .data, "decision and label end times differ in number", found: "\(labelEnd.count) ends",
        expected: "\(decision.count)")
    }
    for row in decision.indices where labelEnd[row] < decision[row] {
      throw TernError(
        .data, "the label of row \(row) ends before its decision", found: Timestamp.text(labelEnd[row]),
        expected: "at or after \(Timestamp.text(decision[row]))")
    }
    self.decision = decision
    self.labelEnd = labelEnd
  }

  /// Number of rows.
  public var count: Int { decision.count }
}

/// The rows of one walk-forward fold, in ascending index order.
public struct FoldRows: Equatable, Sendable {
  /// Rows to train on.
  public let train: [Int]
  /// Rows to calibrate on; empty without a calibration tail.
  public let calibration: [Int]
  /// Rows to test on.
  public let test: [Int]
  /// Rows inside the training or calibration range that were dropped because their labels end too late.
  public let purged: Int
}

extension WalkForward.Fold {
  /// Picks the rows of this fold by their actual label ends, not only by the nominal horizon.
  ///
  /// A training row is kept only if its label ended before the calibration (or test) span begins, less the embargo;
  /// a calibration row only if its label ended before the test span begins, less the embargo.
  /// - Parameter embargo: milliseconds.
  /// - Throws: `TernError` of kind `data` when a part of the fold has no rows.
  public func rows(_ times: RowTimes, embargo: Int64) throws(TernError) -> FoldRows {
    var parts = (train: [Int](), calibration: [Int](), test: [Int]())
    var purged = 0
    let trainLimit = (calibration?.lowerBound ?? test.lowerBound) - embargo
    let calibrationLimit = test.lowerBound - embargo
    for row in 0..<times.count {
      let time = times.decision[row]
      if test.contains(time) {
        parts.test.append(row)
      } else if train.contains(time) {
        if times.labelEnd[row] < trainLimit { parts.train.append(row) } else { purged += 1 }
      } else if let calibration, calibration.contains(time) {
        if times.labelEnd[row] < calibrationLimit { parts.calibration.append(row) } else { purged += 1 }
      }
    }
    try require(!parts.train.isEmpty, "training", train)
    try require(!parts.test.isEmpty, "test", test)
    if let calibration { try require(!parts.calibration.isEmpty, "calibration", calibration) }
    return FoldRows(train: parts.train, calibration: parts.calibration, test: parts.test, purged: purged)
  }

  private func require(_ present: Bool, _ part: String, _ range: Range<Int64>) throws(TernError) {
    guard !present else { return }
    throw TernError(
      .data, "fold \(index) has no labelled \(part) rows",
      found: "no row from \(Timestamp.text(range.lowerBound)) to \(Timestamp.text(range.upperBound))",
      expected: "data without such a gap, or other spans")
  }
}
