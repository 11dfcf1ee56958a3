import Compute
import Diagnostics
import Glibc
import Trees

/// Cross-entropy of a class under a softmax: g = p - 1{y = k}, h = factor · p (1 - p), factor 2 in XGBoost
/// (`multi:softprob`), K / (K - 1) in LightGBM (`multiclass`).
struct SoftmaxObjective: TrainingObjective {
  let outputs: Int
  let rows: TrainingRows
  let style: BoostingConfiguration.Style
  let link = Forest.Link.softmax

  init(configuration: BoostingConfiguration, rows: TrainingRows) throws(TernError) {
    outputs = try ClassLabels.count(rows, configuration: configuration)
    self.rows = rows
    style = configuration.style
  }

  /// Log frequencies; in XGBoost less their mean.
  var estimatedBase: [Double] {
    var sums = [Double](repeating: 0, count: outputs)
    for place in 0..<rows.count {
      sums[Int(rows.all.labels[rows.row(place)])] += rows.all.weight(rows.row(place))
    }
    let total = sums.reduce(0, +)
    let logs = sums.map { log(max($0 / total, 1e-15)) }
    guard style == .xgboost else { return logs }
    let mean = logs.reduce(0, +) / Double(outputs)
    return logs.map { $0 - mean }
  }

  func check(validation labels: [Float]) throws(TernError) {
    try ClassLabels.check(validation: labels, classes: outputs)
  }

  func derivatives(
    margins: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<SIMD2<Float>>, pool: ThreadPool
  ) {
    let margin = SharedPointer(margins)
    let output = SharedPointer(target)
    pool.parallelChunks(of: rows.all.count, chunk: 8192) { range, _ in
      fill(range, margin.pointer, output.pointer)
    }
  }

  private func fill(
    _ range: Range<Int>, _ margins: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<SIMD2<Float>>
  ) {
    let factor: Float = style == .xgboost ? 2 : Float(outputs) / Float(outputs - 1)
    let floor = style == .xgboost ? LogisticLoss.smallestHessian : 0
    let count = rows.all.count
    rows.all.labels.withUnsafeBufferPointer { y in
      for row in range {
        let own = margins + row * outputs
        var largest = own[0]
        for k in 1..<outputs where own[k] > largest { largest = own[k] }
        var sum: Float = 0
        for k in 0..<outputs {
          let value = expf(own[k] - largest)
          target[k * count + row].x = value
          sum += value
        }
        let weight = Float(rows.all.weight(row))
        for k in 0..<outputs {
          let p = target[k * count + row].x / sum
          let second = factor * p * (1 - p)
          let isOwn = Float(k) == y[row]
          target[k * count + row] = SIMD2(isOwn ? p - 1 : p, second > floor ? second : floor) * weight
        }
      }
    }
  }
}

/// Checks of class numbers.
enum ClassLabels {
  /// Number of classes that the labels and the configuration ask for.
  static func count(_ rows: TrainingRows, configuration: BoostingConfiguration) throws(TernError) -> Int {
    let labels = rows.labels
    let name = configuration.objective.rawValue
    if let wrong = labels.first(where: { $0 < 0 || $0 != $0.rounded() || $0 > 65_535 }) {
      throw TernError(
        .data, "\(name) needs class numbers", key: "label", found: "\(wrong)", expected: "0, 1, 2, …")
    }
    let largest = Int(labels.max() ?? 0)
    let classes = configuration.numClass > 0 ? configuration.numClass : largest + 1
    guard largest < classes else {
      throw TernError(
        .data, "a label is beyond num_class", key: "label", found: "\(largest)", expected: "0 ..< \(classes)")
    }
    guard labels.contains(where: { $0 != labels[0] }) else {
      throw TernError(
        .data, "\(name) needs rows of two classes", key: "label", found: "only \(labels[0])",
        expected: "two classes")
    }
    return classes
  }

  /// Validation rows may be of one class, but not of an unknown one.
  static func check(validation labels: [Float], classes: Int) throws(TernError) {
    if let wrong = labels.first(where: { !($0 >= 0 && $0 < Float(classes) && $0 == $0.rounded()) }) {
      throw TernError(
        .data, "a validation label is not a class", key: "label", found: "\(wrong)",
        expected: "0 ... \(classes - 1)")
    }
  }
}
