import Compute
import Diagnostics
import Trees

/// A loss on the rows of one data set: what boosting has to know of it.
protocol TrainingObjective: Sendable {
  /// Number of margins per row.
  var outputs: Int { get }
  /// What makes predictions of margins.
  var link: Forest.Link { get }
  /// Factor of the margin inside a logistic link.
  var linkScale: Double { get }
  /// How leaves are re-fitted once a tree's structure is known; nil leaves the Newton step.
  var leafRefit: LeafRefit? { get }
  /// The margin of each output before the first tree, estimated from the rows that train.
  var estimatedBase: [Double] { get }
  /// Checks the labels of rows to be evaluated, which need not hold every class.
  func check(validation labels: [Float]) throws(TernError)
  /// First and second derivatives of the loss at the margins, weights included.
  ///
  /// - Parameters:
  ///   - margins: row-major (rows, outputs).
  ///   - target: gradient and hessian of each row, output-major (outputs, rows).
  func derivatives(
    margins: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<SIMD2<Float>>, pool: ThreadPool)
}

extension TrainingObjective {
  var linkScale: Double { 1 }
  var leafRefit: LeafRefit? { nil }
}

/// The rows of a data set as an objective sees them: all are given derivatives, the selected ones train.
struct TrainingRows: Sendable {
  let all: LabelledRows
  /// Increasing row numbers; nil trains all.
  let selection: [Int32]?

  /// Number of rows that train.
  var count: Int { selection?.count ?? all.count }

  /// The row of a place among those that train.
  @inline(__always)
  func row(_ place: Int) -> Int { selection.map { Int($0[place]) } ?? place }

  /// Labels of the rows that train.
  var labels: [Float] { selection.map { chosen in chosen.map { all.labels[Int($0)] } } ?? all.labels }

  /// Weights of the rows that train, nil for ones.
  var weights: [Float]? {
    all.weights.map { weights in selection.map { chosen in chosen.map { weights[Int($0)] } } ?? weights }
  }

  /// Σ w · value(label) / Σ w over the rows that train.
  func mean(_ value: (Float) -> Double) -> Double {
    var sum = 0.0
    var total = 0.0
    for place in 0..<count {
      let row = row(place)
      let weight = all.weight(row)
      sum += weight * value(all.labels[row])
      total += weight
    }
    return sum / total
  }

  /// Checks the labels that train one by one.
  func check(_ objective: String, expected: String, _ isUsable: (Float) -> Bool) throws(TernError) {
    for place in 0..<count where !isUsable(all.labels[row(place)]) {
      throw TernError(
        .data, "\(objective) cannot use the label of row \(row(place))", key: "label",
        found: "\(all.labels[row(place)])", expected: expected)
    }
  }
}
