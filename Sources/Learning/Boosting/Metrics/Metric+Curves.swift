import Compute
import Glibc

extension Metric {
  /// A curve's area; of several outputs the mean over one-versus-rest, weighted by the classes' prevalence, NaN if
  /// a class is absent (XGBoost, `src/metric/auc.cc`, `MultiClassOVR`).
  func curve(_ predictions: [Float], _ rows: LabelledRows, outputs: Int, pool: ThreadPool) -> Double {
    if outputs == 1 { return area(predictions, rows) }
    var areas = [Double](repeating: .nan, count: outputs)
    areas.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = SharedPointer(base)
      pool.parallelFor(count: outputs) { k, _ in
        let own = rows.labels.indices.map { predictions[$0 * outputs + k] }
        let isClass: [Float] = rows.labels.map { $0 == Float(k) ? 1 : 0 }
        target.pointer[k] = area(own, LabelledRows(labels: isClass, weights: rows.weights))
      }
    }
    var prevalence = [Double](repeating: 0, count: outputs)
    for (row, label) in rows.labels.enumerated() where label >= 0 && label < Float(outputs) {
      prevalence[Int(label)] += rows.weight(row)
    }
    let sum = zip(areas, prevalence).reduce(0) { $0 + $1.0 * $1.1 }
    return sum / prevalence.reduce(0, +)
  }

  private func area(_ predictions: [Float], _ rows: LabelledRows) -> Double {
    let steps = RankSteps(predictions, rows)
    switch kind {
    case .auc: return steps.areaUnderCurve
    case .aucpr: return steps.areaUnderPrecisionRecall
    default: return steps.averagePrecision
    }
  }
}

/// Weights of positives and negatives at each distinct prediction, highest first.
private struct RankSteps {
  private var steps: [(positives: Double, negatives: Double)] = []
  private var positives = 0.0
  private var negatives = 0.0

  /// A label in [0, 1] counts in part on either side.
  init(_ predictions: [Float], _ rows: LabelledRows) {
    // NaN, which a diverged model gives, is ranked last, so that the order stays total.
    let order = predictions.indices.sorted { a, b in
      predictions[a] > predictions[b] || (predictions[b].isNaN && !predictions[a].isNaN)
    }
    var last = Float.nan
    for row in order {
      let weight = rows.weight(row)
      let positive = weight * Double(rows.labels[row])
      if steps.isEmpty || predictions[row] != last { steps.append((0, 0)) }
      last = predictions[row]
      steps[steps.count - 1].positives += positive
      steps[steps.count - 1].negatives += weight - positive
      positives += positive
      negatives += weight - positive
    }
  }

  private var hasBoth: Bool { positives > 0 && negatives > 0 }

  /// The weighted Mann–Whitney statistic; NaN if a class is absent.
  var areaUnderCurve: Double {
    guard hasBoth else { return .nan }
    var below = negatives
    var area = 0.0
    for step in steps {
      below -= step.negatives
      area += step.positives * (below + step.negatives / 2)
    }
    return area / (positives * negatives)
  }

  /// ∫ precision d recall between the steps on the hyperbola that mixing them traces (XGBoost, `CalcDeltaPRAUC`).
  var areaUnderPrecisionRecall: Double {
    guard hasBoth else { return .nan }
    var truePositives = 0.0
    var falsePositives = 0.0
    var area = 0.0
    for step in steps {
      let before = truePositives / positives
      let falseBefore = falsePositives
      let trueBefore = truePositives
      truePositives += step.positives
      falsePositives += step.negatives
      let after = truePositives / positives
      guard step.positives > 0 else { continue }
      let slope = step.negatives / step.positives
      let a = slope + 1
      let b = (falseBefore - slope * trueBefore) / positives
      area +=
        b == 0
        ? (after - before) / a : (after - before - b / a * (log(a * after + b) - log(a * before + b))) / a
    }
    return area
  }

  /// Σ positives of a step · precision down to it / all positives; 1 if a class is absent (LightGBM).
  var averagePrecision: Double {
    guard hasBoth else { return 1 }
    var truePositives = 0.0
    var seen = 0.0
    var sum = 0.0
    for step in steps {
      truePositives += step.positives
      seen += step.positives + step.negatives
      if seen > 0 { sum += step.positives * truePositives / seen }
    }
    return sum / positives
  }
}
