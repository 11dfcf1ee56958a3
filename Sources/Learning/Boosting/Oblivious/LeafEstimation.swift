import Compute

/// Finds the leaf values of an oblivious tree: Newton or gradient steps on all rows of a body, each halved until it
/// lowers the loss if backtracking is on.
///
/// Sums are formed over fixed chunks of rows in their order, so the number of threads never changes a value.
final class LeafEstimation {
  private let loss: ObliviousLoss
  private let isNewton: Bool
  private let iterations: Int
  private let isBacktracking: Bool
  private let l2: Double
  private let pool: ThreadPool
  /// (chunks, leaves, sumsPerLeaf).
  private var partial = Storage<Double>(0, initial: 0)
  private var losses = Storage<Double>(64, initial: 0)
  private var sums: [Double] = []

  /// A step this small changes the loss by less than its rounding.
  private static let leastStep = 1e-9
  private static let mostChunks = 32

  /// Takes a configuration whose open parameters are decided.
  init(configuration: ObliviousConfiguration, loss: ObliviousLoss, pool: ThreadPool) {
    self.loss = loss
    isNewton = configuration.leafEstimationMethod != .gradient
    iterations = configuration.leafEstimationIterations ?? 1
    isBacktracking = iterations > 1 && configuration.leafEstimationBacktracking != .none
    l2 = configuration.l2LeafReg ?? 3
    self.pool = pool
  }

  /// The values of leaves, (outputs, leafCount), before the learning rate.
  func values(fold: LearningFold, segment: FoldSegment, leafCount: Int) -> [Double] {
    let count = loss.outputs * leafCount
    var total = [Double](repeating: 0, count: count)
    let scaledL2 = l2 * segment.bodyWeight / Double(max(segment.body, 1))
    let weights = isNewton ? [] : leafWeights(fold, segment, leafCount)
    var current = evaluate(fold, segment, leafCount, at: total)
    var iteration = 0
    while iteration < iterations {
      let step = self.step(leafCount, weights: weights, l2: scaledL2)
      if !isBacktracking {
        for i in 0..<count { total[i] += step[i] }
        iteration += 1
        if iteration < iterations { current = evaluate(fold, segment, leafCount, at: total) }
        continue
      }
      if step.allSatisfy({ abs($0) < LeafEstimation.leastStep }) { break }
      var scale = 1.0
      while true {
        let next = (0..<count).map { total[$0] + scale * step[$0] }
        let loss = evaluate(fold, segment, leafCount, at: next)
        if loss < current {
          current = loss
          total = next
          iteration += 1
          break
        }
        scale /= 2
        iteration += 1
        if iteration >= iterations { break }
      }
      // After a failed last attempt there is no next step, so its sums are not used.
    }
    return total
  }

  /// Σ w loss at the given leaf values; leaves the derivatives' sums in `sums`.
  private func evaluate(
    _ fold: LearningFold, _ segment: FoldSegment, _ leafCount: Int, at values: [Double]
  ) -> Double {
    let rows = segment.body
    let chunk = max(4096, (rows / LeafEstimation.mostChunks / 8 + 1) * 8)
    let chunks = (rows + chunk - 1) / chunk
    let width = leafCount * loss.sumsPerLeaf
    if partial.count < chunks * width { partial = Storage(chunks * width, initial: 0) }
    let partial = partial.pointer
    let losses = losses.pointer
    let leaves = UnsafePointer(fold.leaves.pointer)
    withRows(fold, segment) { source in
      values.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        pool.parallelChunks(of: rows, chunk: chunk) { range, _ in
          let item = range.lowerBound / chunk
          let own = partial + item * width
          own.update(repeating: 0, count: width)
          losses[item] = loss.addDerivatives(
            source, range, leaves: leaves, values: values, leafCount: leafCount, to: own)
        }
      }
    }
    sums = [Double](repeating: 0, count: width)
    var total = 0.0
    for item in 0..<chunks {
      for i in 0..<width { sums[i] += partial[item * width + i] }
      total += losses[item]
    }
    return total
  }

  private func withRows(_ fold: LearningFold, _ segment: FoldSegment, _ body: (ObliviousLoss.Rows) -> Void) {
    fold.withRows(segment, body)
  }

  /// Σ w of each leaf.
  private func leafWeights(_ fold: LearningFold, _ segment: FoldSegment, _ leafCount: Int) -> [Double] {
    var result = [Double](repeating: 0, count: leafCount)
    for row in 0..<segment.body {
      result[Int(fold.leaves.pointer[row])] += fold.weights.map { Double($0[row]) } ?? 1
    }
    return result
  }

  /// (outputs, leafCount).
  private func step(_ leafCount: Int, weights: [Double], l2: Double) -> [Double] {
    let outputs = loss.outputs
    let width = loss.sumsPerLeaf
    var step = [Double](repeating: 0, count: outputs * leafCount)
    for leaf in 0..<leafCount {
      let own = sums[leaf * width..<(leaf + 1) * width]
      let start = own.startIndex
      if !isNewton {
        for k in 0..<outputs { step[k * leafCount + leaf] = own[start + k] / (weights[leaf] + l2) }
      } else if outputs == 1 {
        step[leaf] = own[start] / (own[start + 1] + l2)
      } else {
        let solution = LeafEstimation.solve(Array(own), outputs: outputs, l2: l2)
        for k in 0..<outputs { step[k * leafCount + leaf] = solution[k] }
      }
    }
    return step
  }

  /// (H + l2 I)⁻¹ g by Cholesky's factorisation; `sums` holds g and the lower half of H row by row.
  static func solve(_ sums: [Double], outputs: Int, l2: Double) -> [Double] {
    var matrix = [Double](repeating: 0, count: outputs * outputs)
    var largest = 0.0
    var at = outputs
    for i in 0..<outputs {
      for j in 0...i {
        matrix[i * outputs + j] = sums[at]
        at += 1
      }
      largest = max(largest, matrix[i * outputs + i])
    }
    // Softmax's hessian is singular, so the penalty must not vanish beside it.
    let penalty = max(l2, largest * Double(Float.ulpOfOne))
    for i in 0..<outputs { matrix[i * outputs + i] += penalty }
    for i in 0..<outputs {
      for j in 0...i {
        var sum = matrix[i * outputs + j]
        for k in 0..<j { sum -= matrix[i * outputs + k] * matrix[j * outputs + k] }
        matrix[i * outputs + j] = i == j ? max(sum, 1e-300).squareRoot() : sum / matrix[j * outputs + j]
      }
    }
    var x = Array(sums[0..<outputs])
    for i in 0..<outputs {
      for k in 0..<i { x[i] -= matrix[i * outputs + k] * x[k] }
      x[i] /= matrix[i * outputs + i]
    }
    for i in stride(from: outputs - 1, through: 0, by: -1) {
      for k in i + 1..<max(outputs, i + 1) { x[i] -= matrix[k * outputs + i] * x[k] }
      x[i] /= matrix[i * outputs + i]
    }
    return x
  }
}

extension LearningFold {
  /// Hands over the labels, weights and margins of a segment.
  func withRows<Result>(_ segment: FoldSegment, _ body: (ObliviousLoss.Rows) -> Result) -> Result {
    labels.withUnsafeBufferPointer { labels in
      func call(_ weights: UnsafePointer<Float>?) -> Result {
        precondition(!labels.isEmpty, "a fold has rows")
        return withExtendedLifetime(self) {
          body(
            ObliviousLoss.Rows(
              labels: labels.baseAddress.unsafelyUnwrapped, weights: weights,
              margins: UnsafePointer(segment.margins.pointer), stride: segment.tail))
        }
      }
      guard let weights else { return call(nil) }
      return weights.withUnsafeBufferPointer { call($0.baseAddress) }
    }
  }

  /// Fills the gradients of a segment and returns Σ w loss of its rows.
  @discardableResult
  func updateGradients(_ segment: FoldSegment, loss: ObliviousLoss, pool: ThreadPool) -> Double {
    let chunk = 8192
    let losses = Storage<Double>(segment.tail / chunk + 1, initial: 0)
    let target = segment.gradients.pointer
    withRows(segment) { rows in
      pool.parallelChunks(of: segment.tail, chunk: chunk) { range, _ in
        losses.pointer[range.lowerBound / chunk] = loss.gradients(rows, range, into: target)
      }
    }
    return (0..<losses.count).reduce(0.0) { $0 + losses.pointer[$1] }
  }

  /// Adds leaf values times the learning rate to the margins of a segment.
  func add(_ values: [Double], leafCount: Int, rate: Double, to segment: FoldSegment, pool: ThreadPool) {
    let margins = segment.margins.pointer
    let leaves = leaves.pointer
    let scaled = values.map { $0 * rate }
    scaled.withUnsafeBufferPointer { scaled in
      pool.parallelChunks(of: segment.tail, chunk: 4096) { range, _ in
        for output in 0..<scaled.count / leafCount {
          let own = margins + output * segment.tail
          for row in range { own[row] += scaled[output * leafCount + Int(leaves[row])] }
        }
      }
    }
  }
}
