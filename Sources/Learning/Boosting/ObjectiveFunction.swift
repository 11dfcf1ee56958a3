import Compute
import Diagnostics
import Glibc
import Trees

/// The loss being minimised on one set of rows: labels, weights and the factors that the style adds.
struct ObjectiveFunction: Sendable {
  let kind: BoostingConfiguration.Objective
  let style: BoostingConfiguration.Style
  /// Number of margins per row.
  let outputs: Int
  let labels: [Float]
  let weights: [Float]?
  /// Factors on the gradients of negative and positive rows.
  private(set) var negativeFactor: Float = 1
  private(set) var positiveFactor: Float = 1

  /// Smallest hessian of XGBoost's logistic objectives.
  static let smallestHessian: Float = 1e-16

  /// Checks that the labels suit the objective; `rows` limits what counts to some of the rows.
  init(
    configuration: BoostingConfiguration, labels: [Float], weights: [Float]?, rows: [Int32]?
  ) throws(TernError) {
    kind = configuration.objective
    style = configuration.style
    self.labels = labels
    self.weights = weights
    let used = rows.map { chosen in chosen.map { labels[Int($0)] } } ?? labels
    outputs = try ObjectiveFunction.checkLabels(used, configuration: configuration)
    positiveFactor = Float(configuration.scalePosWeight)
    if configuration.isUnbalance {
      let positives = used.count { $0 > 0.5 }
      let ratio = Float(used.count - positives) / Float(positives)
      if ratio > 1 { positiveFactor = ratio } else { negativeFactor = 1 / ratio }
    }
  }

  /// Number of outputs that the labels and the configuration ask for.
  static func checkLabels(_ labels: [Float], configuration: BoostingConfiguration) throws(TernError) -> Int {
    switch configuration.objective {
    case .squaredError: return 1
    case .logistic:
      if let wrong = labels.first(where: { $0 != 0 && $0 != 1 }) {
        throw TernError(
          .data, "binary needs labels 0 and 1", key: "label", found: "\(wrong)", expected: "0 or 1")
      }
      guard labels.contains(0), labels.contains(1) else {
        throw TernError(
          .data, "binary needs rows of both classes", key: "label", found: "only \(labels.first ?? 0)",
          expected: "0 and 1")
      }
      return 1
    case .softmax:
      if let wrong = labels.first(where: { $0 < 0 || $0 != $0.rounded() || $0 > 65_535 }) {
        throw TernError(
          .data, "multiclass needs class numbers", key: "label", found: "\(wrong)", expected: "0, 1, 2, …")
      }
      let largest = Int(labels.max() ?? 0)
      let outputs = configuration.numClass > 0 ? configuration.numClass : largest + 1
      guard largest < outputs else {
        throw TernError(
          .data, "a label is beyond num_class", key: "label", found: "\(largest)",
          expected: "0 ..< \(outputs)")
      }
      guard labels.contains(where: { $0 != labels[0] }) else {
        throw TernError(
          .data, "multiclass needs rows of two classes", key: "label", found: "only \(labels[0])",
          expected: "two classes")
      }
      return outputs
    }
  }

  /// The margin of each output before the first tree, estimated from the rows that train.
  func baseScores(configuration: BoostingConfiguration, rows: [Int32]?) -> [Float] {
    if let given = configuration.baseScore {
      let margin = kind == .logistic ? log(given / (1 - given)) : given
      return [Float](repeating: Float(margin), count: outputs)
    }
    guard configuration.boostFromAverage else {
      // XGBoost's constant of former versions is 0.5, LightGBM starts at margin 0.
      let constant: Float = style == .xgboost && kind != .logistic ? 0.5 : 0
      return [Float](repeating: constant, count: outputs)
    }
    var sums = [Double](repeating: 0, count: outputs)
    var total = 0.0
    for i in 0..<(rows?.count ?? labels.count) {
      let row = rows.map { Int($0[i]) } ?? i
      let weight = weights.map { Double($0[row]) } ?? 1
      total += weight
      if kind == .softmax {
        sums[Int(labels[row])] += weight
      } else {
        sums[0] += weight * Double(labels[row])
      }
    }
    switch kind {
    case .squaredError: return [Float(sums[0] / total)]
    case .logistic: return [logisticBase(positives: sums[0], total: total)]
    case .softmax: return softmaxBase(sums, total: total)
    }
  }

  private func logisticBase(positives: Double, total: Double) -> Float {
    if style == .xgboost, positiveFactor != 1 || negativeFactor != 1 {
      // One Newton step from margin 0, where p = 1/2 and h = 1/4.
      let weighted = positives * Double(positiveFactor)
      let others = (total - positives) * Double(negativeFactor)
      return Float(2 * (weighted - others) / (weighted + others))
    }
    let share = min(max(positives / total, 1e-6), 1 - 1e-6)
    return Float(log(share / (1 - share)))
  }

  private func softmaxBase(_ sums: [Double], total: Double) -> [Float] {
    let logs = sums.map { log(max($0 / total, 1e-15)) }
    guard style == .xgboost else { return logs.map { Float($0) } }
    let mean = logs.reduce(0, +) / Double(outputs)
    return logs.map { Float($0 - mean) }
  }

  /// First and second derivatives of the loss at the margins.
  ///
  /// - Parameters:
  ///   - margins: row-major (rows, outputs).
  ///   - target: gradient and hessian of each row, output-major (outputs, rows).
  func derivatives(
    margins: UnsafeMutablePointer<Float>, rows: Int, into target: UnsafeMutablePointer<SIMD2<Float>>,
    pool: ThreadPool
  ) {
    let margin = SharedPointer(margins)
    let output = SharedPointer(target)
    pool.parallelChunks(of: rows, chunk: 8192) { range, _ in
      switch kind {
      case .squaredError: squared(range, margin.pointer, output.pointer)
      case .logistic: logistic(range, margin.pointer, output.pointer)
      case .softmax: softmax(range, rows, margin.pointer, output.pointer)
      }
      weigh(range, rows, output.pointer)
    }
  }

  private func squared(
    _ range: Range<Int>, _ margins: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<SIMD2<Float>>
  ) {
    labels.withUnsafeBufferPointer { y in
      for row in range { target[row] = SIMD2(margins[row] - y[row], 1) }
    }
  }

  /// Eight rows at a time; the last rows of a range go through the same arithmetic, padded.
  private func logistic(
    _ range: Range<Int>, _ margins: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<SIMD2<Float>>
  ) {
    let floor = style == .xgboost ? ObjectiveFunction.smallestHessian : 0
    labels.withUnsafeBufferPointer { y in
      var row = range.lowerBound
      while row < range.upperBound {
        let lanes = min(8, range.upperBound - row)
        var margin = SIMD8<Float>()
        for lane in 0..<lanes { margin[lane] = margins[row + lane] }
        let p = 1 / (1 + vectorExp(-margin))
        for lane in 0..<lanes {
          let label = y[row + lane]
          let factor = label > 0.5 ? positiveFactor : negativeFactor
          let second = p[lane] * (1 - p[lane])
          target[row + lane] = SIMD2((p[lane] - label) * factor, (second > floor ? second : floor) * factor)
        }
        row += lanes
      }
    }
  }

  private func softmax(
    _ range: Range<Int>, _ rows: Int, _ margins: UnsafeMutablePointer<Float>,
    _ target: UnsafeMutablePointer<SIMD2<Float>>
  ) {
    let factor: Float = style == .xgboost ? 2 : Float(outputs) / Float(outputs - 1)
    let floor = style == .xgboost ? ObjectiveFunction.smallestHessian : 0
    labels.withUnsafeBufferPointer { y in
      for row in range {
        let own = margins + row * outputs
        var largest = own[0]
        for k in 1..<outputs where own[k] > largest { largest = own[k] }
        var sum: Float = 0
        for k in 0..<outputs {
          let value = expf(own[k] - largest)
          target[k * rows + row].x = value
          sum += value
        }
        let label = Int(y[row])
        for k in 0..<outputs {
          let p = target[k * rows + row].x / sum
          let second = factor * p * (1 - p)
          target[k * rows + row] = SIMD2(k == label ? p - 1 : p, second > floor ? second : floor)
        }
      }
    }
  }

  private func weigh(
    _ range: Range<Int>, _ rows: Int, _ target: UnsafeMutablePointer<SIMD2<Float>>
  ) {
    guard let weights else { return }
    weights.withUnsafeBufferPointer { w in
      for k in 0..<outputs {
        for row in range { target[k * rows + row] *= w[row] }
      }
    }
  }
}
