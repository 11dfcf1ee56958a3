import Diagnostics

/// The labels of CatBoost-style training: their checks, classes, weights and first predictions.
struct ObliviousLabels: Sendable {
  /// Number of margins of a row.
  let outputs: Int
  /// (rows) of sample weight times class weight, or nil for ones.
  let weights: [Float]?
  /// Margin of each output before the first tree.
  let base: [Double]
  /// Target classes of each row, as statistics count them: those of the labels, or one for each way to cut them.
  let targets: [TargetClasses]
  private let cuts: [TargetClasses.Cut]

  /// Takes a configuration whose open parameters are decided.
  init(table: TrainingTable, configuration: ObliviousConfiguration) throws(TernError) {
    let labels = table.labels
    outputs = try ObliviousLabels.outputs(labels, configuration)
    let factors = try ObliviousLabels.classFactors(table, configuration, outputs: outputs)
    let weights: [Float]? =
      factors.isEmpty
      ? table.weights
      : labels.indices.map { row in
        Float(factors[Int(labels[row])]) * (table.weights.map { $0[row] } ?? 1)
      }
    guard weights?.contains(where: { $0 > 0 }) ?? true else {
      throw TernError(.data, "all weights are zero", key: "class_weights")
    }
    self.weights = weights
    var base = [Double](repeating: 0, count: outputs)
    if configuration.lossFunction == .rmse, configuration.boostFromAverage == true {
      var sum = 0.0
      var total = 0.0
      for (row, label) in labels.enumerated() {
        let weight = weights.map { Double($0[row]) } ?? 1
        sum += weight * Double(label)
        total += weight
      }
      base[0] = sum / total
    }
    self.base = base
    switch configuration.lossFunction {
    case .multiClass:
      guard outputs <= 256 else {
        throw TernError(
          .data, "too many classes", key: "label", found: "\(outputs)", expected: "at most 256")
      }
      targets = [TargetClasses(rows: labels.map { UInt8($0) }, count: outputs)]
      cuts = []
    case .logloss, .crossEntropy:
      targets = [TargetClasses(rows: labels.map { $0 > 0.5 ? 1 : 0 }, count: 2)]
      cuts = []
    case .rmse:
      var cuts: [TargetClasses.Cut] = []
      for cut in configuration.targetCuts where !cuts.contains(cut) { cuts.append(cut) }
      targets = cuts.map { cut in
        guard cut.count == 1, cut.type == .minEntropy else { return TargetClasses(labels: labels, cut: cut) }
        let border = ObliviousLabels.border(labels)
        return TargetClasses(rows: labels.map { $0 > border ? 1 : 0 }, count: 2)
      }
      self.cuts = cuts
    }
  }

  /// The place among `targets` of the classes that a description counts.
  func target(_ cut: TargetClasses.Cut) -> Int { cuts.firstIndex(of: cut) ?? 0 }

  /// Checks labels and returns the number of outputs.
  static func outputs(_ labels: [Float], _ configuration: ObliviousConfiguration) throws(TernError) -> Int {
    switch configuration.lossFunction {
    case .rmse:
      guard labels.contains(where: { $0 != labels[0] }) else {
        throw TernError(.data, "all labels are equal", key: "label", found: "only \(labels[0])")
      }
      return 1
    case .logloss:
      if let wrong = labels.first(where: { $0 != 0 && $0 != 1 }) {
        throw TernError(
          .data, "Logloss needs labels 0 and 1", key: "label", found: "\(wrong)", expected: "0 or 1")
      }
      guard labels.contains(0), labels.contains(1) else {
        throw TernError(
          .data, "Logloss needs rows of both classes", key: "label", found: "only \(labels[0])",
          expected: "0 and 1")
      }
      return 1
    case .crossEntropy:
      if let wrong = labels.first(where: { !($0 >= 0 && $0 <= 1) }) {
        throw TernError(
          .data, "CrossEntropy needs probabilities", key: "label", found: "\(wrong)", expected: "0 ... 1")
      }
      return 1
    case .multiClass:
      if let wrong = labels.first(where: { $0 < 0 || $0 != $0.rounded() || $0 > 65_535 }) {
        throw TernError(
          .data, "MultiClass needs class numbers", key: "label", found: "\(wrong)", expected: "0, 1, 2, …")
      }
      let largest = Int(labels.max() ?? 0)
      let outputs = configuration.classesCount > 0 ? configuration.classesCount : max(2, largest + 1)
      guard largest < outputs else {
        throw TernError(
          .data, "a label is beyond classes_count", key: "label", found: "\(largest)",
          expected: "0 ..< \(outputs)")
      }
      guard labels.contains(where: { $0 != labels[0] }) else {
        throw TernError(
          .data, "MultiClass needs rows of two classes", key: "label", found: "only \(labels[0])",
          expected: "two classes")
      }
      return outputs
    }
  }

  /// A factor for each class, empty for ones.
  private static func classFactors(
    _ table: TrainingTable, _ configuration: ObliviousConfiguration, outputs: Int
  ) throws(TernError) -> [Double] {
    let classes = max(2, outputs)
    if !configuration.classWeights.isEmpty {
      guard configuration.classWeights.count == classes else {
        throw TernError(
          .configuration, "every class needs a weight", key: "class_weights",
          found: "\(configuration.classWeights.count)", expected: "\(classes)")
      }
      return configuration.classWeights
    }
    if configuration.scalePosWeight != 1 { return [1, configuration.scalePosWeight] }
    guard configuration.autoClassWeights != .none else { return [] }
    var sums = [Double](repeating: 0, count: classes)
    for (row, label) in table.labels.enumerated() {
      sums[Int(label)] += table.weights.map { Double($0[row]) } ?? 1
    }
    let largest = sums.max() ?? 0
    return sums.map { sum in
      guard sum > 0 else { return 1 }
      let factor = largest / sum
      return configuration.autoClassWeights == .balanced ? factor : factor.squareRoot()
    }
  }

  /// The border midway between labels that divides the rows most evenly, which has the least Σ count ln count.
  private static func border(_ labels: [Float]) -> Float {
    let sorted = labels.sorted()
    let middle = sorted.count / 2
    var best = (distance: Int.max, border: sorted[0])
    for start in [stride(from: middle, to: sorted.count, by: 1), stride(from: middle, to: 0, by: -1)] {
      for i in start where i > 0 && sorted[i] != sorted[i - 1] {
        let distance = abs(2 * i - sorted.count)
        if distance < best.distance { best = (distance, 0.5 * sorted[i - 1] + 0.5 * sorted[i]) }
        break
      }
    }
    return best.border
  }
}
