import Compute
import Glibc

extension Metric {
  /// The metric of predictions after the link, of rows without queries.
  ///
  /// - Parameters:
  ///   - predictions: row-major (rows, outputs).
  ///   - labels: (rows).
  ///   - weights: (rows), or nil for ones.
  ///   - outputs: number of classes for the multiclass metrics, else 1.
  ///   - settings: the numbers of the objective.
  ///   - pool: the threads to use; sums are formed in a fixed order.
  public func evaluate(
    predictions: [Float], labels: [Float], weights: [Float]?, outputs: Int = 1,
    settings: ObjectiveSettings = ObjectiveSettings(), pool: ThreadPool
  ) -> Double {
    evaluate(
      predictions: predictions, rows: LabelledRows(labels: labels, weights: weights), outputs: outputs,
      settings: settings, pool: pool)
  }

  /// The metric of predictions after the link; a ranking metric takes rows without queries as one query.
  public func evaluate(
    predictions: [Float], rows: LabelledRows, outputs: Int = 1,
    settings: ObjectiveSettings = ObjectiveSettings(), pool: ThreadPool
  ) -> Double {
    precondition(kind != .custom, "a custom metric evaluates itself")
    precondition(predictions.count == rows.count * outputs, "predictions and labels differ in number")
    switch kind {
    case .auc, .aucpr, .averagePrecision: return curve(predictions, rows, outputs: outputs, pool: pool)
    case .ndcg, .map: return ranking(predictions, rows, settings: settings, pool: pool)
    default: break
    }
    let row = RowLoss(metric: self, settings: settings, outputs: outputs)
    let chunk = 8192
    let partial = Storage<SIMD2<Double>>(rows.count / chunk + 1, initial: .zero)
    pool.parallelChunks(of: rows.count, chunk: chunk) { range, _ in
      var own = SIMD2<Double>.zero
      for index in range {
        let weight = rows.weight(index)
        own.x += weight * row.loss(predictions: predictions, row: index, label: rows.labels[index])
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
    if kind == .gammaDeviance, settings.followsLightGBM { return 2 * sum }
    let mean = total > 0 ? sum / total : .nan
    switch kind {
    case .rmse: return mean.squareRoot()
    case .gammaDeviance: return 2 * mean
    default: return mean
    }
  }
}

/// The loss of one row by a metric that is a mean over rows.
private struct RowLoss: Sendable {
  let kind: Metric.Kind
  let outputs: Int
  let followsLightGBM: Bool
  /// Slope, level, scale, power or threshold, whichever the metric takes.
  let number: Double

  /// Probabilities are kept this far from 0 and 1, as LightGBM and XGBoost do, so that a certain but wrong row
  /// costs a finite loss.
  private static let smallest = 1e-15
  /// Means are kept this far from 0 before their logarithm.
  private static let smallestMean = 1e-10

  init(metric: Metric, settings: ObjectiveSettings, outputs: Int) {
    kind = metric.kind
    self.outputs = outputs
    followsLightGBM = settings.followsLightGBM
    switch metric.kind {
    case .huber, .mphe: number = settings.huberSlope
    case .quantile: number = metric.number ?? settings.quantileAlpha
    case .fair: number = settings.fairC
    case .tweedieNegativeLogLikelihood: number = metric.number ?? settings.tweedieVariancePower
    default: number = metric.number ?? 0.5
    }
  }

  func loss(predictions: [Float], row: Int, label: Float) -> Double {
    switch kind {
    case .mlogloss:
      // A class that the model does not know has probability 0.
      guard label >= 0, label < Float(outputs) else { return -log(RowLoss.smallest) }
      return -log(max(Double(predictions[row * outputs + Int(label)]), RowLoss.smallest))
    case .merror:
      var best = 0
      for k in 1..<max(outputs, 1) where predictions[row * outputs + k] > predictions[row * outputs + best] {
        best = k
      }
      return Float(best) == label ? 0 : 1
    case .error: return predictions[row] > Float(number) ? 1 - Double(label) : Double(label)
    default: return loss(y: Double(label), p: Double(predictions[row]))
    }
  }

  private func loss(y: Double, p: Double) -> Double {
    let distance = abs(y - p)
    switch kind {
    case .rmse, .mse: return distance * distance
    case .mae: return distance
    case .mape: return distance / (followsLightGBM ? max(1, abs(y)) : abs(y))
    case .huber:
      return distance <= number ? 0.5 * distance * distance : number * (distance - 0.5 * number)
    case .mphe:
      let ratio = distance / number
      return number * number * ((1 + ratio * ratio).squareRoot() - 1)
    case .fair: return number * distance - number * number * log1p(distance / number)
    case .quantile: return y < p ? (1 - number) * distance : number * distance
    case .logloss:
      let positive = y > 0 ? -y * log(max(p, RowLoss.smallest)) : 0
      return positive + (y < 1 ? -(1 - y) * log(max(1 - p, RowLoss.smallest)) : 0)
    default: return deviance(y: y, p: p)
    }
  }

  private func deviance(y: Double, p: Double) -> Double {
    let mean = max(p, RowLoss.smallestMean)
    switch kind {
    case .poisson: return mean - y * log(mean)
    case .poissonNegativeLogLikelihood: return lgamma(y + 1) + mean - y * log(mean)
    case .gammaNegativeLogLikelihood: return y / mean + log(mean)
    case .gammaDeviance:
      // XGBoost moves both by its kRtEps, LightGBM the mean alone.
      let ratio = followsLightGBM ? y / (p + 1e-9) : (y + 1e-6) / (p + 1e-6)
      return ratio - log(ratio) - 1
    case .tweedieNegativeLogLikelihood:
      let logMean = log(mean)
      return -y * exp((1 - number) * logMean) / (1 - number) + exp((2 - number) * logMean) / (2 - number)
    default: return .nan
    }
  }
}
