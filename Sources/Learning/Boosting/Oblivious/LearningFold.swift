import Compute
import Glibc

/// The rows `0 ..< tail` of a fold's permutation, with a model that was trained on the rows `0 ..< body`.
///
/// Plain boosting has one segment with body = tail = all rows.
final class FoldSegment {
  let body: Int
  let tail: Int
  /// Σ weights of the body.
  let bodyWeight: Double
  /// (outputs, tail), the model's margins.
  let margins: Storage<Double>
  /// (outputs, tail), weighted derivatives of -loss at the margins.
  let gradients: Storage<Float>

  init(body: Int, tail: Int, bodyWeight: Double, base: [Double]) {
    self.body = body
    self.tail = tail
    self.bodyWeight = bodyWeight
    margins = Storage(base.count * tail, initial: 0)
    gradients = Storage(base.count * tail, initial: 0)
    for (output, value) in base.enumerated() {
      (margins.pointer + output * tail).update(repeating: value, count: tail)
    }
  }
}

/// One permutation of the training rows with the models that grew along it.
final class LearningFold {
  /// Row of each position of the permutation.
  let rows: [Int32]
  /// (positions).
  let labels: [Float]
  /// (positions), or nil.
  let weights: [Float]?
  let segments: [FoldSegment]
  /// Leaf of each position in the tree of the round.
  let leaves: Storage<UInt16>
  /// Target statistics along this permutation.
  var statistics: [CategoryProjection: StatisticBins] = [:]

  /// Number of rows.
  var count: Int { rows.count }

  /// Orders the rows of a permutation.
  ///
  /// - Parameters:
  ///   - base: margin of each output before the first round.
  ///   - start: row-major (rows, outputs) of margins in its place.
  init(
    rows: [Int32], labels: [Float], weights: [Float]?, base: [Double], start: [Double]? = nil,
    segments bounds: [(body: Int, tail: Int)]
  ) {
    self.rows = rows
    self.labels = rows.map { labels[Int($0)] }
    let ordered = weights.map { all in rows.map { all[Int($0)] } }
    self.weights = ordered
    segments = bounds.map { body, tail in
      let weight = ordered.map { $0.prefix(body).reduce(0.0) { $0 + Double($1) } } ?? Double(body)
      return FoldSegment(body: body, tail: tail, bodyWeight: weight, base: base)
    }
    leaves = Storage(rows.count, initial: 0)
    guard let start else { return }
    let outputs = base.count
    for segment in segments {
      for position in 0..<segment.tail {
        let own = Int(rows[position]) * outputs
        for output in 0..<outputs {
          segment.margins.pointer[output * segment.tail + position] = start[own + output]
        }
      }
    }
  }

  /// Body and tail ends of Ordered boosting: a first body of min(100, n / 50) rows (1 up to 500 rows), each tail
  /// `multiplier` times its body, which is the tail before.
  static func orderedSegments(count: Int, multiplier: Double) -> [(body: Int, tail: Int)] {
    var body = count > 500 ? min(100, count / 50) : 1
    var result: [(Int, Int)] = []
    while result.isEmpty || body < count {
      let tail = min(count, Int((Double(body) * multiplier).rounded(.up)))
      result.append((body, tail))
      body = tail
    }
    return result
  }

  /// A permutation of rows that keeps blocks of neighbours together.
  static func permutation(of order: [Int32], block: Int, random: inout Philox) -> [Int32] {
    let count = order.count
    let size = block > 0 ? block : min(256, count / 1000 + 1)
    var blocks = Array(0..<(count + size - 1) / size)
    random.shuffle(&blocks)
    var rows: [Int32] = []
    rows.reserveCapacity(count)
    for item in blocks { rows += order[item * size..<min((item + 1) * size, count)] }
    return rows
  }
}
