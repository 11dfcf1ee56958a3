import Compute
import Glibc
import Trees

/// A weighted quality measure of predictions against labels.
public enum Metric: String, Codable, Sendable, CaseIterable {
  /// √(Σ w (y - p)² / Σ w).
  case rmse
  /// Σ w (y - p)² / Σ w.
  case mse
  /// Σ w |y - p| / Σ w.
  case mae
  /// -Σ w log p(label) / Σ w of a binary label.
  case logloss
  /// Weighted share of rows whose probability is on the wrong side of one half.
  case error
  /// Area under the ROC curve, ties counted half.
  case auc
  /// -Σ w log p_label / Σ w over classes.
  case mlogloss
  /// Weighted share of rows whose likeliest class is wrong.
  case merror

  /// Whether larger values are better.
  public var isHigherBetter: Bool { self == .auc }

  private var aliases: [String] {
    switch self {
    case .rmse: ["root_mean_squared_error", "l2_root"]
    case .mse: ["l2", "mean_squared_error", "regression"]
    case .mae: ["l1", "mean_absolute_error"]
    case .logloss: ["binary_logloss", "binary"]
    case .error: ["binary_error"]
    case .auc: []
    case .mlogloss: ["multi_logloss", "multiclass", "softmax"]
    case .merror: ["multi_error"]
    }
  }

  /// All names by which metrics are known.
  public static var allNames: [String] { allCases.flatMap { [$0.rawValue] + $0.aliases } }

  /// The metric of a peer's name.
  public init?(anyName name: String) {
    guard let metric = Metric.allCases.first(where: { $0.rawValue == name || $0.aliases.contains(name) })
    else {
      return nil
    }
    self = metric
  }

  /// Whether the metric can judge predictions of an objective.
  public func fits(_ objective: BoostingConfiguration.Objective) -> Bool {
    switch self {
    case .rmse, .mse, .mae: objective != .softmax
    case .logloss, .error, .auc: objective == .logistic
    case .mlogloss, .merror: objective == .softmax
    }
  }

  /// The metric of predictions after the link.
  ///
  /// - Parameters:
  ///   - predictions: row-major (rows, outputs).
  ///   - labels: (rows).
  ///   - weights: (rows), or nil for ones.
  ///   - outputs: number of classes for the multiclass metrics, else 1.
  ///   - pool: the threads to use; sums are formed in a fixed order.
  public func evaluate(
    predictions: [Float], labels: [Float], weights: [Float]?, outputs: Int = 1,
    pool: ThreadPool
  ) -> Double {
    if self == .auc {
      return Metric.areaUnderCurve(predictions: predictions, labels: labels, weights: weights)
    }
    let chunk = 8192
    let partial = Storage<SIMD2<Double>>(labels.count / chunk + 1, initial: .zero)
    pool.parallelChunks(of: labels.count, chunk: chunk) { range, _ in
      var own = SIMD2<Double>.zero
      for row in range {
        let weight = weights.map { Double($0[row]) } ?? 1
        own.x += weight * loss(predictions: predictions, row: row, label: labels[row], outputs: outputs)
        own.y += weight
      }
      partial.pointer[range.lowerBound / chunk] = own
    }
    var sum = 0.0
    var total = 0.0
    for item in 0..<partial.count {
      sum += partial.pointer[item].x
      total += partial.pointer[item].y
    }
    let mean = total > 0 ? sum / total : .nan
    return self == .rmse ? mean.squareRoot() : mean
  }

  /// Probabilities are kept this far from 0 and 1, as LightGBM and XGBoost do, so that a certain but wrong row
  /// costs a finite loss.
  private static let smallest = 1e-15

  private func loss(predictions: [Float], row: Int, label: Float, outputs: Int) -> Double {
    switch self {
    case .rmse, .mse:
      let residual = Double(label) - Double(predictions[row])
      return residual * residual
    case .mae: return abs(Double(label) - Double(predictions[row]))
    case .logloss:
      let p = Double(predictions[row])
      return label > 0.5 ? -log(max(p, Metric.smallest)) : -log(max(1 - p, Metric.smallest))
    case .error: return (predictions[row] > 0.5) == (label > 0.5) ? 0 : 1
    case .mlogloss:
      // A class that the model does not know has probability 0.
      guard label >= 0, label < Float(outputs) else { return -log(Metric.smallest) }
      return -log(max(Double(predictions[row * outputs + Int(label)]), Metric.smallest))
    case .merror:
      var best = 0
      for k in 1..<max(outputs, 1) where predictions[row * outputs + k] > predictions[row * outputs + best] {
        best = k
      }
      return Float(best) == label ? 0 : 1
    case .auc: return 0
    }
  }

  /// Weighted Mann–Whitney statistic; NaN if a class is absent.
  private static func areaUnderCurve(predictions: [Float], labels: [Float], weights: [Float]?) -> Double {
    let order = predictions.indices.sorted { predictions[$0] < predictions[$1] }
    var area = 0.0
    var negatives = 0.0
    var positives = 0.0
    var start = 0
    while start < order.count {
      var end = start
      var tiedPositives = 0.0
      var tiedNegatives = 0.0
      while end < order.count, predictions[order[end]] == predictions[order[start]] {
        let row = order[end]
        let weight = weights.map { Double($0[row]) } ?? 1
        if labels[row] > 0.5 { tiedPositives += weight } else { tiedNegatives += weight }
        end += 1
      }
      if end == start { return .nan }
      area += tiedPositives * (negatives + tiedNegatives / 2)
      positives += tiedPositives
      negatives += tiedNegatives
      start = end
    }
    return positives > 0 && negatives > 0 ? area / (positives * negatives) : .nan
  }
}
