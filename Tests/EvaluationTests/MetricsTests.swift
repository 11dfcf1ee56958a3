import Compute
import Diagnostics
import Foundation
import Testing

@testable import Evaluation

struct MetricsGolden: Decodable {
  struct Binary: Decodable {
    struct Scores: Decodable { var logLoss, accuracy, auc, brier: Double }
    struct Curve: Decodable {
      var observed, mean: [Double]
      var counts: [Int]
      var ece: Double
    }
    var labels: [Int]
    var p, weights: [Double]
    var unweighted, weighted: Scores
    var curve: Curve
  }
  struct Multiclass: Decodable {
    struct Scores: Decodable {
      var logLoss, accuracy, balancedAccuracy, macroAUC, brier: Double
      var auc: [Double]
      var precision, recall, f1: [Double?]
      var support: [Double]
      var confusion: [[Double]]
    }
    var labels: [Int]
    var p, weights: [Double]
    var unweighted, weighted: Scores
  }
  struct Regression: Decodable {
    struct Scores: Decodable { var rmse, mae, r2: Double }
    var targets, predictions, weights: [Double]
    var unweighted, weighted: Scores
  }
  var binary: Binary
  var multiclass: Multiclass
  var regression: Regression

  static func load() throws -> MetricsGolden { try GoldenFile.read(MetricsGolden.self, "metrics.json") }
}

@Suite("Metrics against scikit-learn")
struct MetricsGoldenTests {
  @Test(arguments: [false, true]) func binary(weighted: Bool) throws {
    let golden = try MetricsGolden.load().binary
    let expected = weighted ? golden.weighted : golden.unweighted
    let probabilities = try ClassProbabilities(positive: golden.p)
    let found = try ClassificationMetrics(
      labels: golden.labels, probabilities: probabilities, weights: weighted ? golden.weights : nil)
    #expect(close(found.logLoss, expected.logLoss))
    #expect(close(found.accuracy, expected.accuracy))
    #expect(close(found.binaryAUC, expected.auc))
    #expect(close(found.brier, expected.brier))
  }

  @Test(arguments: [false, true]) func multiclass(weighted: Bool) throws {
    let golden = try MetricsGolden.load().multiclass
    let expected = weighted ? golden.weighted : golden.unweighted
    let found = try ClassificationMetrics(
      labels: golden.labels, probabilities: ClassProbabilities(golden.p, classes: 3),
      weights: weighted ? golden.weights : nil)
    #expect(close(found.logLoss, expected.logLoss))
    #expect(close(found.accuracy, expected.accuracy))
    #expect(close(found.balancedAccuracy, expected.balancedAccuracy))
    #expect(close(found.auc, expected.auc))
    #expect(close(found.macroAUC, expected.macroAUC))
    #expect(close(found.brier, expected.brier))
    #expect(close(found.perClass.map(\.precision), expected.precision))
    #expect(close(found.perClass.map(\.recall), expected.recall))
    #expect(close(found.perClass.map(\.f1), expected.f1))
    if !weighted { #expect(found.perClass.map(\.support) == expected.support) }
    for (row, counts) in found.confusion.counts.enumerated() {
      #expect(close(counts, expected.confusion[row]))
    }
  }

  @Test(arguments: [false, true]) func regression(weighted: Bool) throws {
    let golden = try MetricsGolden.load().regression
    let expected = weighted ? golden.weighted : golden.unweighted
    let found = try RegressionMetrics(
      targets: golden.targets, predictions: golden.predictions, weights: weighted ? golden.weights : nil)
    #expect(close(found.rmse, expected.rmse))
    #expect(close(found.mae, expected.mae))
    #expect(close(found.r2, expected.r2))
  }

  @Test func reliabilityCurve() throws {
    let golden = try MetricsGolden.load().binary
    let table = try ReliabilityTable(predicted: golden.p, happened: golden.labels.map { $0 == 1 })
    let filled = table.bins.filter { $0.count > 0 }
    #expect(filled.map(\.count) == golden.curve.counts)
    #expect(close(filled.compactMap(\.observed), golden.curve.observed))
    #expect(close(filled.compactMap(\.meanPredicted), golden.curve.mean))
    #expect(close(table.expectedCalibrationError, golden.curve.ece))
  }
}

@Suite("Properties of metrics")
struct MetricsPropertyTests {
  private func sample(_ count: Int, seed: UInt64) -> (labels: [Bool], scores: [Double], weights: [Double]) {
    var random = Philox(seed: seed)
    var labels: [Bool] = []
    var scores: [Double] = []
    var weights: [Double] = []
    for _ in 0..<count {
      labels.append(random.uniform() < 0.4)
      // Twenty distinct values, so ties are everywhere.
      scores.append(Double(random.integer(below: 20)) / 20 + (labels[labels.count - 1] ? 0.1 : 0))
      weights.append(Double(random.integer(below: 4)))
    }
    return (labels, scores, weights)
  }

  @Test func aucEqualsTheCountOfPairs() throws {
    for seed in 0..<20 as Range<UInt64> {
      let (labels, scores, weights) = sample(60, seed: seed)
      var concordant = 0.0
      var pairs = 0.0
      for i in labels.indices where labels[i] {
        for j in labels.indices where !labels[j] {
          let weight = weights[i] * weights[j]
          pairs += weight
          concordant += weight * (scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0)
        }
      }
      // Small integer weights make both sums exact.
      #expect(try Metrics.auc(isPositive: labels, scores: scores, weights: weights) == concordant / pairs)
    }
  }

  @Test func aucIgnoresMonotoneTransformsAndRowOrder() throws {
    let (labels, raw, _) = sample(300, seed: 5)
    // Whole numbers, so that no two distinct scores fall together when they are transformed.
    let scores = raw.map { ($0 * 20).rounded() }
    let auc = try Metrics.auc(isPositive: labels, scores: scores)
    #expect(try Metrics.auc(isPositive: labels, scores: scores.map { exp(0.3 * $0) - 7 }) == auc)
    #expect(try Metrics.auc(isPositive: labels.reversed(), scores: scores.reversed()) == auc)
    let mirrored = try #require(try Metrics.auc(isPositive: labels, scores: scores.map { -$0 }))
    let complement = try 1 - #require(auc)
    #expect(close(mirrored, complement))
  }

  @Test func integerWeightsEqualRepeatedRows() throws {
    let (labels, scores, weights) = sample(80, seed: 9)
    let repeated = labels.indices.flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
    #expect(
      try Metrics.auc(isPositive: labels, scores: scores, weights: weights)
        == Metrics.auc(isPositive: repeated.map { labels[$0] }, scores: repeated.map { scores[$0] }))
    let p = scores.map { min($0, 1) }
    for binning in [ReliabilityBinning.equalWidth, .equalMass] {
      let a = try ReliabilityTable(predicted: p, happened: labels, weights: weights, binning: binning)
      let b = try ReliabilityTable(
        predicted: repeated.map { p[$0] }, happened: repeated.map { labels[$0] }, binning: binning)
      #expect(close(a.expectedCalibrationError, b.expectedCalibrationError))
    }
  }

  @Test func calibrationErrorStaysWithinItsBounds() throws {
    for seed in 0..<10 as Range<UInt64> {
      let (labels, scores, _) = sample(200, seed: seed)
      for binning in [ReliabilityBinning.equalWidth, .equalMass] {
        let table = try ReliabilityTable(
          predicted: scores.map { min($0, 1) }, happened: labels, binning: binning)
        #expect(table.expectedCalibrationError >= 0)
        #expect(table.expectedCalibrationError <= table.maximumCalibrationError)
        #expect(table.maximumCalibrationError <= 1)
        #expect(table.bins.reduce(0) { $0 + $1.count } == 200)
      }
    }
    let sure = try ReliabilityTable(predicted: [0, 0, 1, 1], happened: [false, false, true, true])
    #expect(sure.expectedCalibrationError == 0)
    let wrong = try ReliabilityTable(predicted: [0, 0, 1, 1], happened: [true, true, false, false])
    #expect(wrong.expectedCalibrationError == 1)
  }

  @Test func equalMassBinsKeepTiesTogetherAndEvenOut() throws {
    let spread = (0..<150).map { Double($0) / 150 }
    let even = try ReliabilityTable(
      predicted: spread, happened: spread.map { $0 > 0.5 }, bins: 15, binning: .equalMass)
    #expect(even.bins.map(\.count) == [Int](repeating: 10, count: 15))
    let tied = try ReliabilityTable(
      predicted: [Double](repeating: 0.3, count: 90) + [0.7], happened: [Bool](repeating: true, count: 91),
      binning: .equalMass)
    #expect(tied.bins.map(\.count) == [90, 1])
  }

  @Test func confidentSliceCountsOnlyActionableClasses() throws {
    // Rows: LONG 0.7 right, SHORT 0.8 wrong, NEUTRAL 0.9 right, LONG 0.6 below the threshold.
    let probabilities = try ClassProbabilities(
      [0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.05, 0.05, 0.9, 0.6, 0.2, 0.2], classes: 3)
    let slice = try ConfidentSlice(labels: [0, 0, 2, 0], probabilities: probabilities, classes: [0, 1])
    #expect(slice.count == 2)
    #expect(close(slice.meanConfidence, 0.75))
    #expect(close(slice.hitRate, 0.5))
    #expect(close(slice.gap, 0.25))
    let all = try ConfidentSlice(labels: [0, 0, 2, 0], probabilities: probabilities)
    #expect(all.count == 3)
    let none = try ConfidentSlice(labels: [0, 0, 2, 0], probabilities: probabilities, threshold: 0.95)
    #expect(none.count == 0 && none.hitRate == nil && none.gap == nil && none.wilson == nil)
  }

  @Test func undefinedRatiosAreNil() throws {
    let found = try ClassificationMetrics(
      labels: [0, 0, 1],
      probabilities: ClassProbabilities([0.8, 0.1, 0.1, 0.7, 0.2, 0.1, 0.6, 0.3, 0.1], classes: 3))
    #expect(found.perClass[1].precision == nil && found.perClass[1].recall == 0)
    #expect(found.perClass[2].recall == nil && found.perClass[2].f1 == nil)
    #expect(found.auc[2] == nil && found.macroAUC == nil)
    #expect(try RegressionMetrics(targets: [2, 2], predictions: [1, 3]).r2 == nil)
    // The mean of ten times 0.1 misses 0.1 by a rounding; that is no spread.
    let tenths = [Double](repeating: 0.1, count: 10)
    #expect(try RegressionMetrics(targets: tenths, predictions: tenths.map { $0 + 1 }).r2 == nil)
    // A different target of no weight is no spread either.
    #expect(
      try RegressionMetrics(targets: [2, 2, 9], predictions: [1, 3, 9], weights: [1, 1, 0]).r2 == nil)
  }

  @Test func oneRowIsMeasuredAsFarAsItCanBe() throws {
    let found = try ClassificationMetrics(labels: [1], probabilities: ClassProbabilities(positive: [0.75]))
    #expect(close(found.logLoss, -log(0.75)) && found.accuracy == 1 && close(found.brier, 0.0625))
    #expect(found.priorLogLoss == 0 && found.binaryAUC == nil && found.macroAUC == nil)
    #expect(close(found.ece, 0.25) && close(found.eceByMass, 0.25))
    #expect(found.confidentSlice.count == 1)
  }

  @Test func certainAndWrongCostsMuchButNotEverything() throws {
    let found = try Metrics.logLoss(labels: [0, 1], probabilities: ClassProbabilities(positive: [1, 0]))
    // −ln 2⁻⁵² = 52·ln 2, the bound that scikit-learn uses.
    #expect(close(found, 52 * log(2)))
  }

  @Test func metricsAreRestoredFromJSON() throws {
    let golden = try MetricsGolden.load().multiclass
    let found = try ClassificationMetrics(
      labels: golden.labels, probabilities: ClassProbabilities(golden.p, classes: 3), weights: golden.weights,
      classNames: ["LONG", "SHORT", "NEUTRAL"], actionableClasses: [0, 1])
    #expect(try JSONDecoder().decode(ClassificationMetrics.self, from: JSONEncoder().encode(found)) == found)
    #expect(throws: TernError.self) {
      try ClassificationMetrics(
        labels: golden.labels, probabilities: ClassProbabilities(golden.p, classes: 3),
        classNames: ["LONG", "SHORT"])
    }
  }

  @Test func badInputIsRefusedWithItsRow() throws {
    #expect(throws: TernError.self) { try ClassProbabilities([0.5, 0.6], classes: 2) }
    #expect(throws: TernError.self) { try ClassProbabilities([.nan, 0.6], classes: 2) }
    #expect(throws: TernError.self) { try ClassProbabilities([0.5, 0.5, 0.1], classes: 2) }
    let half = try ClassProbabilities(positive: [0.5, 0.5])
    #expect(throws: TernError.self) { try Metrics.logLoss(labels: [0, 2], probabilities: half) }
    #expect(throws: TernError.self) { try Metrics.logLoss(labels: [0], probabilities: half) }
    #expect(throws: TernError.self) {
      try Metrics.logLoss(labels: [0, 1], probabilities: half, weights: [0, 0])
    }
    #expect(throws: TernError.self) {
      try Metrics.logLoss(labels: [0, 1], probabilities: half, weights: [1, -1])
    }
    #expect(throws: TernError.self) { try Metrics.auc(isPositive: [true, false], scores: [.nan, 1]) }
    #expect(throws: TernError.self) {
      try Metrics.accuracy(labels: [], probabilities: ClassProbabilities([], classes: 2))
    }
    do {
      _ = try ClassProbabilities([0.5, 0.5, 1.5, -0.5], classes: 2)
    } catch {
      #expect(error.description == "row 1, class 0 is not a probability (found 1.5, expected 0 to 1)")
    }
  }
}
