import Calibration
import Compute
import Diagnostics
import Foundation
import Testing

@testable import Evaluation

private struct CalibrationGolden: Decodable {
  struct Isotonic: Decodable { var inputs, outputs, grid: [Double] }
  struct Platt: Decodable {
    var slope, offset: Double
    var grid: [Double]
  }
  struct Temperature: Decodable { var temperature, loss: Double }
  struct Multiclass: Decodable {
    var labels: [Int]
    var p, weights, oneVersusRestIsotonic: [Double]
    var temperature, temperatureWeighted: Temperature
  }
  var scores, weights, gridPoints, logOdds: [Double]
  var events: [Int]
  var isotonic, isotonicWeighted: Isotonic
  var platt, plattWeighted: Platt
  var multiclass: Multiclass

  static func load() throws -> CalibrationGolden {
    try GoldenFile.read(CalibrationGolden.self, "calibration.json")
  }
}

@Suite("Calibration fitting")
struct CalibrationFittingTests {
  @Test(arguments: [false, true]) func isotonicMatchesScikitLearn(weighted: Bool) throws {
    let golden = try CalibrationGolden.load()
    let expected = weighted ? golden.isotonicWeighted : golden.isotonic
    let curve = try IsotonicCurve.fit(
      happened: golden.events.map { $0 == 1 }, probabilities: golden.scores,
      weights: weighted ? golden.weights : nil, guardingTails: false)
    #expect(curve.inputs == expected.inputs)
    #expect(close(curve.outputs, expected.outputs))
    #expect(close(golden.gridPoints.map(curve.value), expected.grid))
  }

  @Test(arguments: [false, true]) func plattMatchesScikitLearn(weighted: Bool) throws {
    let golden = try CalibrationGolden.load()
    let expected = weighted ? golden.plattWeighted : golden.platt
    let fitted = try PlattScaling.fit(
      happened: golden.events.map { $0 == 1 }, logOdds: golden.logOdds,
      weights: weighted ? golden.weights : nil)
    // scikit-learn stops L-BFGS at a projected gradient of 1e-6, so its parameters carry about that error.
    #expect(close(fitted.slope, expected.slope, within: 1e-5))
    #expect(close(fitted.offset, expected.offset, within: 1e-5))
    let grid = (0...40).map { logistic(-(fitted.slope * (-4 + 0.2 * Double($0)) + fitted.offset)) }
    #expect(close(grid, expected.grid, within: 1e-5))
  }

  @Test(arguments: [false, true]) func temperatureMatchesScipy(weighted: Bool) throws {
    let golden = try CalibrationGolden.load().multiclass
    let expected = weighted ? golden.temperatureWeighted : golden.temperature
    let probabilities = try ClassProbabilities(golden.p, classes: 3)
    let weights = weighted ? golden.weights : nil
    let fitted = try TemperatureScaling.fit(
      labels: golden.labels, probabilities: probabilities, weights: weights)
    // A bracketing search on function values finds a minimum only to about √ε ≈ 1e-8 of the argument.
    #expect(close(fitted.temperature, expected.temperature, within: 1e-6))
    let loss = try Metrics.logLoss(
      labels: golden.labels, probabilities: probabilities.calibrated(by: .temperature(fitted)),
      weights: weights)
    #expect(close(loss, expected.loss))
    #expect(fitted.temperature > 1.2, "the reference rows were sharpened, so they must come out softened")
  }

  @Test func oneVersusRestMatchesScikitLearnBeforeTheGuard() throws {
    let golden = try CalibrationGolden.load().multiclass
    let probabilities = try ClassProbabilities(golden.p, classes: 3)
    var maps: [IsotonicCurve] = []
    for k in 0..<3 {
      maps.append(
        try IsotonicCurve.fit(
          happened: golden.labels.map { $0 == k }, probabilities: probabilities.column(k),
          guardingTails: false))
    }
    let found = probabilities.calibrated(by: .isotonic(maps))
    #expect(close(found.values, golden.oneVersusRestIsotonic))
  }

  private func sample(_ rows: Int, classes: Int, seed: UInt64) throws -> (
    labels: [Int], p: ClassProbabilities
  ) {
    var random = Philox(seed: seed)
    var labels: [Int] = []
    var values: [Double] = []
    for _ in 0..<rows {
      let truth = random.integer(below: classes)
      labels.append(truth)
      let scores = (0..<classes).map { exp(2.5 * (random.uniform() * 2 + ($0 == truth ? 0.4 : 0))) }
      values += scores.map { $0 / scores.reduce(0, +) }
    }
    return (labels, try ClassProbabilities(values, classes: classes))
  }

  @Test(arguments: [CalibrationMethod.temperature, .platt, .isotonic], [2, 3, 7])
  func calibrationDoesNotHurtWhereItWasFitted(method: CalibrationMethod, classes: Int) throws {
    let (labels, p) = try sample(3000, classes: classes, seed: 6)
    let calibrator = try Calibrator.fit(method, labels: labels, probabilities: p)
    let before = try ClassificationMetrics(labels: labels, probabilities: p)
    let calibrated = p.calibrated(by: calibrator)
    let after = try ClassificationMetrics(labels: labels, probabilities: calibrated)
    #expect(after.logLoss < before.logLoss)
    #expect(after.ece < before.ece)
    for row in 0..<calibrated.rows {
      let sum = (0..<classes).reduce(0) { $0 + calibrated[row, $1] }
      #expect(abs(sum - 1) < 1e-12)
    }
  }

  /// Both minimise the loss over families that hold the identity, so on their own rows they cannot do worse; isotonic
  /// regression minimises every proper score at once.
  @Test(arguments: 0..<15 as Range<UInt64>) func neverWorseOnItsOwnRows(seed: UInt64) throws {
    let (labels, p) = try sample(60, classes: 2, seed: seed)
    let raw = try Metrics.logLoss(labels: labels, probabilities: p)
    let temperature = try Calibrator.fit(.temperature, labels: labels, probabilities: p)
    #expect(
      try Metrics.logLoss(labels: labels, probabilities: p.calibrated(by: temperature)) <= raw + rounding)
    let curve = try IsotonicCurve.fit(
      happened: labels.map { $0 == 1 }, probabilities: p.column(1), guardingTails: false)
    let isotonic = p.calibrated(by: .isotonic([curve]))
    #expect(try Metrics.logLoss(labels: labels, probabilities: isotonic) <= raw + rounding)
    #expect(
      try Metrics.brierBinary(labels: labels, probabilities: isotonic)
        <= Metrics.brierBinary(labels: labels, probabilities: p) + rounding)
    let (many, q) = try sample(80, classes: 5, seed: seed)
    let shared = try Calibrator.fit(.temperature, labels: many, probabilities: q)
    #expect(
      try Metrics.logLoss(labels: many, probabilities: q.calibrated(by: shared))
        <= Metrics.logLoss(labels: many, probabilities: q) + rounding)
  }

  @Test(arguments: [2, 4], 0..<5 as Range<UInt64>)
  func guardedIsotonicKeepsEverySurpriseFinite(classes: Int, seed: UInt64) throws {
    let (labels, p) = try sample(30, classes: classes, seed: seed)
    let calibrator = try Calibrator.fit(.isotonic, labels: labels, probabilities: p)
    for certain in 0..<classes {
      var row = [Double](repeating: 0, count: classes)
      row[certain] = 1
      calibrator.apply(&row)
      // Each map stays at or above 1/(n + 2) and a row's sum at or below the number of classes.
      #expect(row.allSatisfy { $0 >= 1 / (32 * Double(classes)) - rounding })
    }
  }

  @Test func calibratingNeverTurnsTheRankingAround() throws {
    // Labels against the scores: the best answer that keeps the order is the base rate for all.
    let labels = (0..<100).map { $0 < 40 ? 1 : 0 }
    let p = try ClassProbabilities(positive: (0..<100).map { 0.2 + 0.006 * Double($0) })
    let platt = try Calibrator.fit(.platt, labels: labels, probabilities: p)
    let isotonic = try Calibrator.fit(.isotonic, labels: labels, probabilities: p)
    // (40·41/42 + 60/62) / 100, Platt's smoothed base rate.
    let smoothed: Double = (40.0 * 41.0 / 42.0 + 60.0 / 62.0) / 100.0
    for probability in [0.01, 0.3, 0.5, 0.79, 0.99] {
      #expect(close(platt.apply(positive: probability), smoothed))
      #expect(close(isotonic.apply(positive: probability), 0.4))
    }
  }

  @Test func isotonicIsMonotoneAndIdempotent() throws {
    for seed in 0..<10 as Range<UInt64> {
      let (labels, p) = try sample(400, classes: 2, seed: seed)
      let happened = labels.map { $0 == 1 }
      let curve = try IsotonicCurve.fit(happened: happened, probabilities: p.column(1))
      let grid = (0...1000).map { curve.value(at: Double($0) / 1000) }
      #expect(zip(grid, grid.dropFirst()).allSatisfy { $0 <= $1 })
      let plain = try IsotonicCurve.fit(happened: happened, probabilities: p.column(1), guardingTails: false)
      let once = p.column(1).map(plain.value)
      let again = try IsotonicCurve.fit(happened: happened, probabilities: once, guardingTails: false)
      #expect(close(once.map(again.value), once))
    }
  }

  @Test func isotonicTailsNeverClaimCertainty() throws {
    // Perfect separation: unguarded it answers 0 and 1; guarded, the rule of succession on 5 rows each.
    let happened = [Bool](repeating: false, count: 5) + [Bool](repeating: true, count: 5)
    let scores = (0..<10).map { Double($0) / 10 }
    let plain = try IsotonicCurve.fit(happened: happened, probabilities: scores, guardingTails: false)
    #expect(plain.outputs.first == 0 && plain.outputs.last == 1)
    let guarded = try IsotonicCurve.fit(happened: happened, probabilities: scores)
    #expect(close(guarded.outputs.first, 1.0 / 7) && close(guarded.outputs.last, 6.0 / 7))
    let labels = happened.map { $0 ? 1 : 0 }
    let calibrator = try Calibrator.fit(
      .isotonic, labels: labels, probabilities: ClassProbabilities(positive: scores))
    let surprise = try Metrics.logLoss(
      labels: [0], probabilities: ClassProbabilities(positive: [1]).calibrated(by: calibrator))
    #expect(close(surprise, log(7)))
  }

  @Test func guardScalesWithEffectiveRowsNotWithWeightUnits() throws {
    let happened = [Bool](repeating: false, count: 5) + [Bool](repeating: true, count: 5)
    let scores = (0..<10).map { Double($0) / 10 }
    let ones = try IsotonicCurve.fit(happened: happened, probabilities: scores)
    let large = try IsotonicCurve.fit(
      happened: happened, probabilities: scores, weights: [Double](repeating: 1000, count: 10))
    #expect(close(large.outputs, ones.outputs))
  }

  @Test func constantScoresAnswerTheBaseRate() throws {
    let labels = (0..<100).map { $0 < 30 ? 1 : 0 }
    let p = try ClassProbabilities(positive: [Double](repeating: 0.8, count: 100))
    let isotonic = try Calibrator.fit(.isotonic, labels: labels, probabilities: p)
    #expect(close(isotonic.apply(positive: 0.8), 0.3))
    let platt = try Calibrator.fit(.platt, labels: labels, probabilities: p)
    // Platt's smoothed targets pull the rate a little towards a half: (30·31/32 + 70/72) / 100.
    let smoothed: Double = (30.0 * 31.0 / 32.0 + 70.0 / 72.0) / 100.0
    // Nothing was learnt about other scores either.
    for probability in [0.1, 0.8, 0.95] { #expect(close(platt.apply(positive: probability), smoothed)) }
    let uniform = try ClassProbabilities([Double](repeating: 0.25, count: 80), classes: 4)
    let temperature = try Calibrator.fit(
      .temperature, labels: (0..<20).map { $0 % 4 }, probabilities: uniform)
    #expect(temperature == .temperature(try TemperatureScaling(temperature: 1)))
  }

  @Test func separatedRowsGetTheSharpestTemperatureAllowed() throws {
    let p = try ClassProbabilities(positive: [0.4, 0.45, 0.55, 0.6])
    let fitted = try TemperatureScaling.fit(labels: [0, 0, 1, 1], probabilities: p)
    #expect(fitted.temperature >= 0.01 && fitted.temperature < 0.05)
    let wrong = try TemperatureScaling.fit(labels: [1, 1, 0, 0], probabilities: p)
    #expect(close(wrong.temperature, 100, within: 1e-6))
  }

  @Test func aMissingClassIsAnError() throws {
    let p = try ClassProbabilities(positive: [0.2, 0.3, 0.4])
    for method in [CalibrationMethod.isotonic, .platt, .temperature] {
      #expect(throws: TernError.self) { try Calibrator.fit(method, labels: [0, 0, 0], probabilities: p) }
      // A class whose rows all weigh nothing is missing too.
      #expect(throws: TernError.self) {
        try Calibrator.fit(method, labels: [0, 0, 1], probabilities: p, weights: [1, 1, 0])
      }
    }
    #expect(try Calibrator.fit(.none, labels: [0, 0, 0], probabilities: p) == .identity)
  }

  @Test func weightsOfTwoEqualRepeatedRows() throws {
    let (labels, p) = try sample(200, classes: 2, seed: 30)
    let twice = (0..<200).flatMap { [$0, $0] }
    for method in [CalibrationMethod.platt, .temperature] {
      let weighted = try Calibrator.fit(
        method, labels: labels, probabilities: p, weights: [Double](repeating: 2, count: 200))
      let repeated = try Calibrator.fit(
        method, labels: twice.map { labels[$0] }, probabilities: p.selecting(twice))
      for probability in [0.05, 0.4, 0.9] {
        #expect(
          close(weighted.apply(positive: probability), repeated.apply(positive: probability), within: 1e-9))
      }
    }
  }
}
