import Calibration
import Diagnostics

/// Checked class probabilities of a batch, row-major, shape `(row, class)`.
///
/// The check is made once here, so that every metric can take them as they are.
public struct ClassProbabilities: Equatable, Sendable {
  /// Number of classes, at least 2.
  public let classes: Int
  /// The probabilities, shape `(row, class)`.
  public let values: [Double]

  /// Rows may miss a sum of one by this much: single-precision softmax over a handful of classes stays far within.
  public static let sumTolerance = 1e-4

  /// Takes a row-major table.
  /// - Throws: `TernError` of kind `data` naming the first row with a value outside [0, 1], a NaN, or a wrong sum.
  public init(_ values: [Double], classes: Int) throws(TernError) {
    guard classes >= 2, values.count % classes == 0 else {
      throw TernError(
        .data, "class probabilities do not form rows", found: "\(values.count) values for \(classes) classes",
        expected: "a multiple of at least 2 classes")
    }
    for row in 0..<(values.count / classes) {
      var sum = 0.0
      for k in 0..<classes {
        let value = values[row * classes + k]
        guard value >= 0, value <= 1 else {
          throw TernError(
            .data, "row \(row), class \(k) is not a probability", found: "\(value)", expected: "0 to 1")
        }
        sum += value
      }
      guard abs(sum - 1) <= ClassProbabilities.sumTolerance else {
        throw TernError(.data, "the probabilities of row \(row) do not sum to one", found: "\(sum)")
      }
    }
    self.classes = classes
    self.values = values
  }

  /// Takes the probabilities of class 1 of a binary model; class 0 receives the complement.
  /// - Throws: `TernError` of kind `data` naming the first value outside [0, 1].
  public init(positive: [Double]) throws(TernError) {
    var values: [Double] = []
    values.reserveCapacity(positive.count * 2)
    for probability in positive {
      values.append(1 - probability)
      values.append(probability)
    }
    try self.init(values, classes: 2)
  }

  /// Number of rows.
  public var rows: Int { values.count / classes }

  /// The probability of a class in a row.
  public subscript(row: Int, classIndex: Int) -> Double { values[row * classes + classIndex] }

  /// The probabilities of one class over all rows.
  public func column(_ classIndex: Int) -> [Double] { (0..<rows).map { self[$0, classIndex] } }

  /// The most probable class of a row; the first of equals.
  public func predictedClass(_ row: Int) -> Int {
    var best = 0
    for k in 1..<classes where self[row, k] > self[row, best] { best = k }
    return best
  }

  /// The probability of the most probable class of a row.
  public func confidence(_ row: Int) -> Double { self[row, predictedClass(row)] }

  /// The rows at the given indices, in that order.
  public func selecting(_ indices: [Int]) -> ClassProbabilities {
    var part: [Double] = []
    part.reserveCapacity(indices.count * classes)
    for row in indices { part.append(contentsOf: values[row * classes..<(row + 1) * classes]) }
    return ClassProbabilities(trusted: part, classes: classes)
  }

  /// The same rows after calibration.
  public func calibrated(by calibrator: Calibrator) -> ClassProbabilities {
    var values = values
    calibrator.apply(&values, classes: classes)
    return ClassProbabilities(trusted: values, classes: classes)
  }

  private init(trusted values: [Double], classes: Int) {
    self.values = values
    self.classes = classes
  }
}

/// Checks labels and weights against a number of rows, once per metric call.
enum MetricInput {
  static func checkLabels(_ labels: [Int], rows: Int, classes: Int) throws(TernError) {
    guard labels.count == rows else {
      throw TernError(
        .data, "labels and predictions differ in number", found: "\(labels.count) labels", expected: "\(rows)"
      )
    }
    for (row, label) in labels.enumerated() where label < 0 || label >= classes {
      throw TernError(
        .data, "the label of row \(row) is no class index", found: "\(label)", expected: "0 to \(classes - 1)"
      )
    }
  }

  static func checkWeights(_ weights: [Double]?, rows: Int) throws(TernError) {
    guard rows > 0 else { throw TernError(.data, "there are no rows to measure") }
    guard let weights else { return }
    guard weights.count == rows else {
      throw TernError(
        .data, "weights and predictions differ in number", found: "\(weights.count) weights",
        expected: "\(rows)")
    }
    var sum = 0.0
    for (row, weight) in weights.enumerated() {
      guard weight >= 0, weight.isFinite else {
        throw TernError(
          .data, "the weight of row \(row) is out of range", found: "\(weight)",
          expected: "a finite number ≥ 0")
      }
      sum += weight
    }
    guard sum > 0 else { throw TernError(.data, "all sample weights are zero") }
  }

  static func checkFinite(_ values: [Double], name: String) throws(TernError) {
    for (row, value) in values.enumerated() where !value.isFinite {
      throw TernError(.data, "the \(name) of row \(row) is not a finite number", found: "\(value)")
    }
  }
}
