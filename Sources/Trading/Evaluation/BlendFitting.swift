import Diagnostics
import Glibc
import RowModels

extension Blend {
  /// The blend that makes the log loss of rows least which no member was trained on.
  ///
  /// `weighted` runs the expectation-maximisation of mixture weights, each pass of which lowers the loss; `stacked` Newton's
  /// method on a convex loss with a small pull towards equal slopes that sum to one and biases of zero.
  /// - Parameters:
  ///   - predictions: of each member, row-major `(row, class)`.
  ///   - labels: class of each row.
  ///   - weights: weight of each row; nil counts all alike.
  /// - Throws: `TernError` of kind `data` where there is no row of weight.
  public init(
    _ method: Method, fitting predictions: [[Float]], labels: [Int], weights: [Float]? = nil, classes: Int
  ) throws(TernError) {
    precondition(
      !predictions.isEmpty && predictions.allSatisfy { $0.count == labels.count * classes }
        && labels.allSatisfy { (0..<classes).contains($0) }
        && (weights?.count ?? labels.count) == labels.count,
      "predictions, labels and weights are of other rows")
    let rows = OutOfFoldRows(
      predictions: predictions, labels: labels,
      weights: weights?.map(Double.init) ?? [Double](repeating: 1, count: labels.count), classes: classes)
    guard rows.total > 0 else { throw TernError(.data, "there is no row to fit a blend to") }
    switch method {
    case .weighted: self = .weighted(rows.mixture())
    case .stacked: self = rows.stack()
    }
  }
}

/// What members said of rows that they were not trained on.
private struct OutOfFoldRows {
  let predictions: [[Float]]
  let labels: [Int]
  let weights: [Double]
  let classes: Int
  let total: Double

  init(predictions: [[Float]], labels: [Int], weights: [Double], classes: Int) {
    self.predictions = predictions
    self.labels = labels
    self.weights = weights
    self.classes = classes
    total = weights.reduce(0, +)
  }

  private var members: Int { predictions.count }

  // Weighted

  func mixture() -> [Double] {
    var shares = [Double](repeating: 1 / Double(members), count: members)
    let likelihoods = labels.indices.map { row in
      predictions.map { max(Double($0[row * classes + labels[row]]), Blend.floor) }
    }
    for _ in 0..<10_000 {
      var next = [Double](repeating: 0, count: members)
      for (row, likelihood) in likelihoods.enumerated() {
        var sum = 0.0
        for k in 0..<members { sum += shares[k] * likelihood[k] }
        for k in 0..<members { next[k] += weights[row] * shares[k] * likelihood[k] / sum }
      }
      let all = next.reduce(0, +)
      for k in 0..<members { next[k] /= all }
      let moved = zip(next, shares).map { abs($0 - $1) }.max() ?? 0
      shares = next
      if moved < 1e-10 { break }
    }
    return shares
  }

  // Stacked

  /// Weight of the pull towards equal slopes and no biases, in rows.
  private static let pull = 1.0

  func stack() -> Blend {
    let count = members + classes
    var point = prior
    var value = loss(point)
    for _ in 0..<100 {
      let (gradient, curvature) = slopes(point)
      guard let direction = OutOfFoldRows.solve(curvature, gradient) else { break }
      var step = 1.0
      var next = point
      var lower = value
      while step > 1e-10 {
        next = (0..<count).map { point[$0] - step * direction[$0] }
        lower = loss(next)
        if lower <= value { break }
        step /= 2
      }
      let gained = value - lower
      if lower > value { break }
      (point, value) = (next, lower)
      if gained <= 1e-14 * abs(value) { break }
    }
    return .stacked(slopes: Array(point[..<members]), biases: Array(point[members...]))
  }

  private var prior: [Double] {
    [Double](repeating: 1 / Double(members), count: members) + [Double](repeating: 0, count: classes)
  }

  private func logs(_ row: Int) -> [[Double]] {
    (0..<classes).map { c in predictions.map { log(max(Double($0[row * classes + c]), Blend.floor)) } }
  }

  private func probabilities(_ point: [Double], _ logs: [[Double]]) -> (
    p: [Double], logSum: Double, scores: [Double]
  ) {
    let scores = (0..<classes).map { c in
      (0..<members).reduce(point[members + c]) { $0 + point[$1] * logs[c][$1] }
    }
    let top = scores.max() ?? 0
    let sum = scores.reduce(0) { $0 + exp($1 - top) }
    return (scores.map { exp($0 - top) / sum }, top + log(sum), scores)
  }

  private func loss(_ point: [Double]) -> Double {
    var value = 0.0
    for row in labels.indices {
      let (_, logSum, scores) = probabilities(point, logs(row))
      value += weights[row] * (logSum - scores[labels[row]])
    }
    let away = zip(point, prior).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return value + 0.5 * OutOfFoldRows.pull * away
  }

  /// Gradient and matrix of second derivatives.
  private func slopes(_ point: [Double]) -> ([Double], [[Double]]) {
    let count = members + classes
    var gradient = zip(point, prior).map { OutOfFoldRows.pull * ($0 - $1) }
    var curvature = (0..<count).map { i in (0..<count).map { i == $0 ? OutOfFoldRows.pull : 0 } }
    for row in labels.indices {
      let logs = logs(row)
      let (p, _, _) = probabilities(point, logs)
      // The score of class c has the derivatives logs[c] by the slopes and 1 by its bias.
      func derivative(_ c: Int, _ i: Int) -> Double { i < members ? logs[c][i] : (i - members == c ? 1 : 0) }
      let means = (0..<count).map { i in (0..<classes).reduce(0) { $0 + p[$1] * derivative($1, i) } }
      for i in 0..<count {
        gradient[i] += weights[row] * (means[i] - derivative(labels[row], i))
        for j in 0...i {
          let both = (0..<classes).reduce(0) { $0 + p[$1] * derivative($1, i) * derivative($1, j) }
          curvature[i][j] += weights[row] * (both - means[i] * means[j])
        }
      }
    }
    for i in 0..<count { for j in 0..<i { curvature[j][i] = curvature[i][j] } }
    return (gradient, curvature)
  }

  /// Solves a symmetric positive definite system by Cholesky's decomposition; nil where it is none.
  private static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
    let count = right.count
    var lower = matrix
    for i in 0..<count {
      for j in 0...i {
        var sum = matrix[i][j]
        for k in 0..<j { sum -= lower[i][k] * lower[j][k] }
        if i == j {
          guard sum > 0 else { return nil }
          lower[i][i] = sum.squareRoot()
        } else {
          lower[i][j] = sum / lower[j][j]
        }
      }
    }
    var result = right
    for i in 0..<count {
      for k in 0..<i { result[i] -= lower[i][k] * result[k] }
      result[i] /= lower[i][i]
    }
    for i in (0..<count).reversed() {
      for k in (i + 1)..<count { result[i] -= lower[k][i] * result[k] }
      result[i] /= lower[i][i]
    }
    return result
  }
}
