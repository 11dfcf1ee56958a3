import Compute
import Diagnostics
import Trees

/// One logistic loss for each class against the others (LightGBM `multiclassova`); the probabilities do not sum to one.
struct OneVersusAllObjective: TrainingObjective {
  let outputs: Int
  let rows: TrainingRows
  /// One loss per class.
  let losses: [LogisticLoss]
  let link = Forest.Link.logistic
  var linkScale: Double { losses.first?.linkScale ?? 1 }

  init(configuration: BoostingConfiguration, rows: TrainingRows) throws(TernError) {
    outputs = try ClassLabels.count(rows, configuration: configuration)
    self.rows = rows
    losses = (0..<outputs).map { k in
      let factors = LogisticLoss.factors(configuration, rows: rows) { $0 == Float(k) }
      return LogisticLoss(
        style: configuration.style, positiveFactor: factors.positive, negativeFactor: factors.negative,
        sigmoid: Float(configuration.objectiveSettings.sigmoid))
    }
  }

  var estimatedBase: [Double] {
    losses.enumerated().map { k, loss in loss.base { $0 == Float(k) ? 1 : 0 }(rows) }
  }

  func check(validation labels: [Float]) throws(TernError) {
    try ClassLabels.check(validation: labels, classes: outputs)
  }

  func derivatives(
    margins: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<SIMD2<Float>>, pool: ThreadPool
  ) {
    let margin = SharedPointer(margins)
    let output = SharedPointer(target)
    let count = rows.all.count
    pool.parallelChunks(of: count, chunk: 8192) { range, _ in
      for k in 0..<outputs {
        var row = range.lowerBound
        while row < range.upperBound {
          let lanes = min(8, range.upperBound - row)
          var own = SIMD8<Float>()
          var label = SIMD8<Float>()
          for lane in 0..<lanes {
            own[lane] = margin.pointer[(row + lane) * outputs + k]
            label[lane] = rows.all.labels[row + lane] == Float(k) ? 1 : 0
          }
          let (gradient, hessian) = losses[k].derivatives(margin: own, label: label)
          for lane in 0..<lanes {
            let weight = Float(rows.all.weight(row + lane))
            output.pointer[k * count + row + lane] = SIMD2(gradient[lane], hessian[lane]) * weight
          }
          row += lanes
        }
      }
    }
  }
}
