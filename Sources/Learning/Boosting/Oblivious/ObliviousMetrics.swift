import Compute
import Diagnostics
import Trees

/// The metrics of every round: the loss of the training rows and of the validation rows, and what else is asked for.
struct ObliviousMetrics {
  /// The last metrics, for a progress line.
  private(set) var remark = ""
  private let loss: ObliviousLoss
  private let lossMetric: Metric
  private var trainLosses: [Double] = []
  private var validLosses: [Double] = []
  private var train: Evaluator?
  private var valid: Evaluator?
  private var followed: FollowedRows?
  private var validWeight = 0.0
  private var monitor: OverfittingMonitor
  private let isLossWatched: Bool
  private var lastRound = 0

  init(
    configuration: ObliviousConfiguration, loss: ObliviousLoss, base: [Double], train table: TrainingTable,
    valid: TrainingTable?, dataset: ObliviousDataset?, start: [Double]? = nil
  ) throws(TernError) {
    self.loss = loss
    switch configuration.lossFunction {
    case .rmse: lossMetric = .rmse
    case .logloss, .crossEntropy: lossMetric = .logloss
    case .multiClass: lossMetric = .mlogloss
    }
    let watched = configuration.evalMetric ?? lossMetric
    isLossWatched = watched == lossMetric
    monitor = OverfittingMonitor(configuration: configuration, isHigherBetter: watched.isHigherBetter)
    var others: [Metric] = []
    for metric in configuration.customMetrics + [watched] where metric != lossMetric {
      // The metric of early stopping comes last.
      others.removeAll { $0 == metric }
      others.append(metric)
    }
    let header = Forest.Header(
      link: configuration.lossFunction.link, outputs: loss.outputs, featureNames: [],
      baseScores: [Float](repeating: 0, count: loss.outputs))
    let metrics = others
    func evaluator(_ name: String, _ table: TrainingTable) -> Evaluator {
      Evaluator(
        name: name, metrics: metrics, custom: [],
        rows: LabelledRows(labels: table.labels, weights: table.weights), header: header,
        settings: ObjectiveSettings())
    }
    if !others.isEmpty {
      train = evaluator("train", table)
    }
    guard let valid, let dataset else { return }
    try ObliviousMetrics.checkLabels(valid.labels, configuration: configuration, outputs: loss.outputs)
    followed = FollowedRows(valid, dataset: dataset, base: base, start: start)
    validWeight = valid.weights.map { $0.reduce(0.0) { $0 + Double($1) } } ?? Double(valid.rows)
    if !others.isEmpty {
      self.valid = evaluator("valid", valid)
    }
  }

  /// Validation rows may be of one class, but not of an unknown one.
  private static func checkLabels(
    _ labels: [Float], configuration: ObliviousConfiguration, outputs: Int
  ) throws(TernError) {
    let isGood: (Float) -> Bool
    switch configuration.lossFunction {
    case .rmse: return
    case .crossEntropy: isGood = { $0 >= 0 && $0 <= 1 }
    case .logloss: isGood = { $0 == 0 || $0 == 1 }
    case .multiClass: isGood = { $0 >= 0 && $0 < Float(outputs) && $0 == $0.rounded() }
    }
    if let wrong = labels.first(where: { !isGood($0) }) {
      throw TernError(
        .data, "a validation label is not one of training", key: "label", found: "\(wrong)",
        expected: "0 ... \(max(1, outputs - 1))")
    }
  }

  /// Round, from zero, of the best metric on the validation rows; the last round if there are none.
  var bestRound: Int { followed == nil ? lastRound : monitor.bestRound }
  /// The metric there.
  var bestScore: Double {
    followed == nil
      ? (isLossWatched ? trainLosses.last : train?.history.last?.last) ?? .nan : monitor.bestScore
  }

  /// All metrics, the loss first.
  var metrics: [Metric] { [lossMetric] + (train?.metrics ?? []) }
  /// Place among them of the metric of early stopping.
  var watched: Int { isLossWatched ? 0 : metrics.count - 1 }

  /// Records the metrics of a round; true if training should stop.
  ///
  /// - Parameter trainLoss: Σ w loss of the training rows, class weights included, as training sees them.
  mutating func record(
    round: Int, trainLoss: Double, margins fold: LearningFold, tree: ObliviousTree, session: ObliviousSession
  ) -> Bool {
    lastRound = round
    let weight = fold.segments[0].bodyWeight
    trainLosses.append(mean(trainLoss, weight))
    remark = "train \(lossMetric.rawValue) \(rounded(trainLosses.last))"
    if var evaluator = train {
      _ = evaluator.record(margins: ordered(fold), pool: session.pool)
      train = evaluator
    }
    guard var followed else { return false }
    session.assignLeaves(tree.structure, valid: &followed)
    followed.fold.add(
      tree.values, leafCount: tree.leafCount, rate: 1, to: followed.segment, pool: session.pool)
    let sum = followed.fold.updateGradients(followed.segment, loss: loss, pool: session.pool)
    validLosses.append(mean(sum, validWeight))
    self.followed = followed
    remark += ", valid \(lossMetric.rawValue) \(rounded(validLosses.last))"
    var score = validLosses.last ?? .nan
    if var evaluator = valid {
      let other = evaluator.record(margins: ordered(followed.fold), pool: session.pool).last ?? .nan
      valid = evaluator
      if !isLossWatched { score = other }
    }
    return monitor.shouldStop(round: round, score: score)
  }

  /// (outputs, validation rows) of margins; empty without validation rows.
  var validMargins: [Double] {
    guard let margins = followed?.segment.margins else { return [] }
    return Array(UnsafeBufferPointer(start: margins.pointer, count: margins.count))
  }

  /// Takes the metrics of an interrupted training up again; true if it had come to its end.
  /// - Throws: `TernError(.data)` for a history of other metrics or rows.
  mutating func restore(
    _ history: [BoostingResult.Series], rounds: Int, validMargins: [Double]
  ) throws(TernError) -> Bool {
    let isSame =
      history.map(\.dataset) == series.map(\.dataset) && history.map(\.metric) == series.map(\.metric)
      && history.allSatisfy { $0.values.count == rounds }
      && validMargins.count == followed?.segment.margins.count ?? 0 && validMargins.allSatisfy(\.isFinite)
    guard isSame else { throw TernError(.data, "the interrupted training had other metrics") }
    func losses(_ name: String) -> [Double] { history.first { $0.dataset == name }?.values ?? [] }
    trainLosses = losses("train")
    train?.restore(history)
    lastRound = max(0, rounds - 1)
    guard let followed else { return false }
    validLosses = losses("valid")
    valid?.restore(history)
    for (place, margin) in validMargins.enumerated() { followed.segment.margins.pointer[place] = margin }
    var isOver = false
    let scores = isLossWatched ? validLosses : valid?.history.last ?? []
    for (round, score) in scores.enumerated() { isOver = monitor.shouldStop(round: round, score: score) }
    return isOver
  }

  private func mean(_ sum: Double, _ weight: Double) -> Double {
    let mean = sum / weight
    return loss.kind == .rmse ? mean.squareRoot() : mean
  }

  private func rounded(_ value: Double?) -> Double { ((value ?? .nan) * 1e6).rounded() / 1e6 }

  /// Margins by row, (rows, outputs).
  private func ordered(_ fold: LearningFold) -> [Float] {
    let segment = fold.segments[0]
    var result = [Float](repeating: 0, count: fold.count * loss.outputs)
    for (position, row) in fold.rows.enumerated() {
      for k in 0..<loss.outputs {
        result[Int(row) * loss.outputs + k] = Float(segment.margins.pointer[k * segment.tail + position])
      }
    }
    return result
  }

  /// The history as it is published.
  var series: [BoostingResult.Series] {
    var result = [BoostingResult.Series(dataset: "train", metric: lossMetric, values: trainLosses)]
    result += train?.series ?? []
    if followed != nil {
      result.append(BoostingResult.Series(dataset: "valid", metric: lossMetric, values: validLosses))
      result += valid?.series ?? []
    }
    return result
  }
}
