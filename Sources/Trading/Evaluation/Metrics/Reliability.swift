import Diagnostics

/// How predicted probabilities are grouped before they are held against what happened.
public enum ReliabilityBinning: String, Codable, Sendable {
  /// Bins of equal width over [0, 1], each open below and closed above (Guo et al., 2017).
  case equalWidth = "equal_width"
  /// Bins of about equal weight; tied predictions always share one bin.
  case equalMass = "equal_mass"
}

/// One bin of a reliability diagram.
public struct ReliabilityBin: Codable, Equatable, Sendable {
  /// Lower end of the bin: its edge (equal width) or its smallest prediction (equal mass).
  public let lower: Double
  /// Upper end of the bin: its edge (equal width) or its largest prediction (equal mass).
  public let upper: Double
  /// Number of rows.
  public let count: Int
  /// Sum of the rows' weights.
  public let weight: Double
  /// Weighted mean prediction; nil for an empty bin.
  public let meanPredicted: Double?
  /// Weighted share of rows in which the event happened; nil for an empty bin.
  public let observed: Double?

  /// Gathers the numbers of a bin.
  public init(
    lower: Double, upper: Double, count: Int, weight: Double, meanPredicted: Double?, observed: Double?
  ) {
    self.lower = lower
    self.upper = upper
    self.count = count
    self.weight = weight
    self.meanPredicted = meanPredicted
    self.observed = observed
  }
}

/// Predicted probabilities against observed frequencies, bin by bin.
public struct ReliabilityTable: Codable, Equatable, Sendable {
  /// How the bins were made.
  public let binning: ReliabilityBinning
  /// The bins in ascending order.
  public let bins: [ReliabilityBin]
  /// Expected calibration error Σ (w_b / W) · |mean prediction − observed frequency|, from 0 to 1.
  public let expectedCalibrationError: Double
  /// The largest |mean prediction − observed frequency| of any bin that holds rows.
  public let maximumCalibrationError: Double

  /// Bins predictions of an event against whether it happened.
  ///
  /// Source: Naeini, Cooper & Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", 2015.
  /// - Throws: `TernError` of kind `data` for unequal lengths, predictions outside [0, 1], or unusable weights.
  public init(
    predicted: [Double], happened: [Bool], weights: [Double]? = nil, bins count: Int = 15,
    binning: ReliabilityBinning = .equalWidth
  ) throws(TernError) {
    precondition(count > 0, "a reliability table needs at least one bin")
    guard predicted.count == happened.count else {
      throw TernError(
        .data, "predictions and outcomes differ in number", found: "\(happened.count) outcomes",
        expected: "\(predicted.count)")
    }
    try MetricInput.checkWeights(weights, rows: predicted.count)
    for (row, value) in predicted.enumerated() where !(value >= 0 && value <= 1) {
      throw TernError(
        .data, "the prediction of row \(row) is no probability", found: "\(value)", expected: "0 to 1")
    }
    var sums = [Sums](repeating: Sums(), count: count)
    switch binning {
    case .equalWidth:
      for row in predicted.indices {
        let bin = min(max(Int((predicted[row] * Double(count)).rounded(.up)) - 1, 0), count - 1)
        sums[bin].add(predicted[row], happened[row], weights?[row] ?? 1)
      }
    case .equalMass:
      ReliabilityTable.fillByMass(&sums, predicted, happened, weights)
    }
    let total = sums.reduce(0) { $0 + $1.weight }
    var bins: [ReliabilityBin] = []
    var expected = 0.0
    var maximum = 0.0
    for (index, sum) in sums.enumerated() {
      if binning == .equalMass && sum.count == 0 { continue }
      let isEmpty = sum.weight == 0
      let mean = isEmpty ? nil : sum.predicted / sum.weight
      let observed = isEmpty ? nil : sum.happened / sum.weight
      if let mean, let observed {
        expected += sum.weight / total * abs(mean - observed)
        maximum = max(maximum, abs(mean - observed))
      }
      let isWidth = binning == .equalWidth
      bins.append(
        ReliabilityBin(
          lower: isWidth ? Double(index) / Double(count) : sum.smallest,
          upper: isWidth ? Double(index + 1) / Double(count) : sum.largest,
          count: sum.count, weight: sum.weight, meanPredicted: mean, observed: observed))
    }
    self.binning = binning
    self.bins = bins
    expectedCalibrationError = expected
    maximumCalibrationError = maximum
  }

  /// Bins the confidence of the most probable class against whether that class was the label.
  /// - Throws: `TernError` of kind `data` for unusable labels or weights.
  public init(
    labels: [Int], probabilities: ClassProbabilities, weights: [Double]? = nil, bins: Int = 15,
    binning: ReliabilityBinning = .equalWidth
  ) throws(TernError) {
    try MetricInput.checkLabels(labels, rows: probabilities.rows, classes: probabilities.classes)
    let predicted = labels.indices.map { probabilities.predictedClass($0) }
    try self.init(
      predicted: labels.indices.map { min(probabilities[$0, predicted[$0]], 1) },
      happened: labels.indices.map { predicted[$0] == labels[$0] },
      weights: weights, bins: bins, binning: binning)
  }

  private struct Sums {
    var count = 0
    var weight = 0.0
    var predicted = 0.0
    var happened = 0.0
    var smallest = Double.infinity
    var largest = -Double.infinity

    mutating func add(_ prediction: Double, _ event: Bool, _ rowWeight: Double) {
      count += 1
      weight += rowWeight
      predicted += rowWeight * prediction
      if event { happened += rowWeight }
      smallest = min(smallest, prediction)
      largest = max(largest, prediction)
    }
  }

  /// Each group of tied predictions goes, whole, to the bin in which the middle of its weight falls.
  private static func fillByMass(
    _ sums: inout [Sums], _ predicted: [Double], _ happened: [Bool], _ weights: [Double]?
  ) {
    let order = predicted.indices.sorted { (predicted[$0], $0) < (predicted[$1], $1) }
    let total = weights?.reduce(0, +) ?? Double(predicted.count)
    var start = 0
    var before = 0.0
    while start < order.count {
      var end = start
      var group = 0.0
      while end < order.count, predicted[order[end]] == predicted[order[start]] {
        group += weights?[order[end]] ?? 1
        end += 1
      }
      let bin = min(Int((before + group / 2) / total * Double(sums.count)), sums.count - 1)
      for row in order[start..<end] { sums[bin].add(predicted[row], happened[row], weights?[row] ?? 1) }
      before += group
      start = end
    }
  }
}
