import Compute
import Diagnostics
import Trees

/// A loss given by the caller.
///
///     struct Asymmetric: CustomObjective {
///       let name = "asymmetric"
///       func derivatives(margins: [Float], rows: LabelledRows) -> [SIMD2<Float>] {
///         zip(margins, rows.labels).map { f, y in f > y ? SIMD2(f - y, 1) : SIMD2(4 * (f - y), 4) }
///       }
///     }
public protocol CustomObjective: Sendable {
  /// Its name in errors and in the model's parameters.
  var name: String { get }
  /// Number of margins per row. Default 1.
  var outputs: Int { get }
  /// What makes predictions of margins. Default identity.
  var link: Forest.Link { get }
  /// Checks labels. Default: every finite number is fine.
  ///
  /// - Throws: `TernError(.data)`.
  func check(_ rows: LabelledRows) throws(TernError)
  /// The margin of each output before the first tree, unless `base_score` is set. Default 0.
  func baseMargins(_ rows: LabelledRows) -> [Float]
  /// First and second derivatives of the loss at the margins; the rows' weights are multiplied on afterwards.
  ///
  /// - Parameters:
  ///   - margins: row-major (rows, outputs).
  ///   - rows: labels, weights and queries.
  /// - Returns: gradient and hessian, row-major (rows, outputs).
  func derivatives(margins: [Float], rows: LabelledRows) -> [SIMD2<Float>]
}

extension CustomObjective {
  /// One margin per row.
  public var outputs: Int { 1 }
  /// The margin is the prediction.
  public var link: Forest.Link { .identity }
  /// Accepts every label.
  public func check(_ rows: LabelledRows) throws(TernError) {}
  /// Starts at 0.
  public func baseMargins(_ rows: LabelledRows) -> [Float] { [Float](repeating: 0, count: outputs) }
}

/// A metric given by the caller.
public protocol CustomMetric: Sendable {
  /// Its name in the history.
  var name: String { get }
  /// Whether larger values are better.
  var isHigherBetter: Bool { get }
  /// The metric of predictions after the link, row-major (rows, outputs).
  func value(predictions: [Float], rows: LabelledRows, outputs: Int) -> Double
}

/// A caller's loss in the place of a built-in one.
struct CustomTrainingObjective: TrainingObjective {
  let custom: any CustomObjective
  let rows: TrainingRows
  let queryNumbers: [Int32]?
  var outputs: Int { custom.outputs }
  var link: Forest.Link { custom.link }

  init(_ custom: any CustomObjective, rows: TrainingRows, queryNumbers: [Int32]?) throws(TernError) {
    self.custom = custom
    self.rows = rows
    self.queryNumbers = queryNumbers
    guard custom.outputs >= 1 else {
      throw TernError(
        .configuration, "\(custom.name) has no output", key: "objective", found: "\(custom.outputs)")
    }
    try custom.check(training)
  }

  /// The rows that train, as the caller sees them.
  private var training: LabelledRows {
    LabelledRows(
      labels: rows.labels, weights: rows.weights,
      queries: queryNumbers.map { all in
        QueryGroups(queries: rows.selection.map { chosen in chosen.map { all[Int($0)] } } ?? all)
      })
  }

  var estimatedBase: [Double] {
    let base = custom.baseMargins(training)
    precondition(base.count == outputs, "\(custom.name) gives one base margin per output")
    return base.map(Double.init)
  }

  func check(validation labels: [Float]) throws(TernError) { try custom.check(LabelledRows(labels: labels)) }

  func derivatives(
    margins: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<SIMD2<Float>>, pool: ThreadPool
  ) {
    let outputs = self.outputs
    var own: [Float] = []
    own.reserveCapacity(rows.count * outputs)
    for place in 0..<rows.count {
      let row = rows.row(place)
      for k in 0..<outputs { own.append(margins[row * outputs + k]) }
    }
    let values = custom.derivatives(margins: own, rows: training)
    precondition(values.count == own.count, "\(custom.name) gives one pair of derivatives per margin")
    for place in 0..<rows.count {
      let row = rows.row(place)
      let weight = Float(rows.all.weight(row))
      for k in 0..<outputs { target[k * rows.all.count + row] = values[place * outputs + k] * weight }
    }
  }
}
