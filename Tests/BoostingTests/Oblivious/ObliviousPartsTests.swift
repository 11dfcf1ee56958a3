import Compute
import Diagnostics
import Glibc
import Testing

@testable import Boosting

@Suite("Parts of oblivious boosting")
struct ObliviousPartsTests {
  @Test
  func parametersHaveCatBoostsNames() throws {
    let configuration = try ObliviousConfiguration(parameters: [
      "objective": "logloss", "n_estimators": "7", "eta": "0.5", "max_depth": "3", "reg_lambda": "2",
      "random_state": "4", "early_stopping_rounds": "9",
    ])
    #expect(configuration.lossFunction == .logloss && configuration.iterations == 7)
    #expect(configuration.learningRate == 0.5 && configuration.depth == 3 && configuration.l2LeafReg == 2)
    #expect(configuration.randomSeed == 4 && configuration.odType == .iter && configuration.odWait == 9)
    let error = #expect(throws: TernError.self) {
      try ObliviousConfiguration(parameters: ["l2_leaf_regg": "1"])
    }
    #expect(error?.expected == "did you mean l2_leaf_reg?")
    for wrong in [
      ["depth": "17"], ["eta": "0.1", "learning_rate": "0.1"], ["score_function": "Cosin"], ["rsm": "0"],
      ["bootstrap_type": "No", "subsample": "0.5"], ["grow_policy": "Region"], ["eval_metric": "mlogloss"],
    ] {
      #expect(throws: TernError.self) { try ObliviousConfiguration(parameters: wrong) }
    }
  }

  /// The rates that CatBoost 1.2.10 reports: rows, iterations, validation rows.
  @Test
  func automaticLearningRate() {
    func rate(_ loss: ObliviousConfiguration.Loss, _ rows: Int, _ iterations: Int) -> Double? {
      var configuration = ObliviousConfiguration()
      configuration.lossFunction = loss
      configuration.iterations = iterations
      return configuration.resolved(for: TrainingFacts(rows: rows, features: 28, hasValidation: false))
        .learningRate
    }
    #expect(rate(.logloss, 7000, 1000) == 0.023648)
    #expect(rate(.rmse, 7000, 1000) == 0.055681)
    #expect(rate(.logloss, 2000, 199) == 0.060873)
    #expect(rate(.crossEntropy, 2000, 300) == 0.03)
  }

  @Test
  func defaultsFollowTheLoss() {
    func resolved(_ loss: ObliviousConfiguration.Loss, iterations: Int, features: Int)
      -> ObliviousConfiguration
    {
      var configuration = ObliviousConfiguration()
      configuration.lossFunction = loss
      configuration.iterations = iterations
      return configuration.resolved(
        for: TrainingFacts(rows: 500, features: features, hasValidation: false))
    }
    #expect(resolved(.logloss, iterations: 1000, features: 5).leafEstimationIterations == 10)
    #expect(resolved(.logloss, iterations: 199, features: 19).leafEstimationIterations == 1)
    #expect(resolved(.logloss, iterations: 199, features: 20).leafEstimationIterations == 10)
    #expect(resolved(.logloss, iterations: 199, features: 20).maxCtrComplexity == 1)
    #expect(resolved(.multiClass, iterations: 1000, features: 5).bootstrapType == .bayesian)
    #expect(resolved(.rmse, iterations: 1000, features: 5).boostFromAverage == true)
    #expect(resolved(.logloss, iterations: 1000, features: 5).boostFromAverage == false)
  }

  /// Greedy borders against the same rule on the sorted rows themselves.
  @Test(arguments: [3, 20, 254])
  func greedyBordersSplitNearMedians(count: Int) {
    var random = Philox(seed: 11)
    let column = (0..<700).map { _ in Float((random.normal() * 20).rounded()) / 4 }
    let distinct = DistinctValues(column: column, rows: nil, weights: nil)
    let borders = BorderSelection(distinct).borders(.greedyLogSum, count: count)
    let sorted = column.sorted()
    var bins = [(0, sorted.count)]
    func best(_ bin: (Int, Int)) -> (score: Double, split: Int)? {
      let value = sorted[bin.0 + (bin.1 - bin.0) / 2]
      let low = sorted.firstIndex(of: value) ?? 0
      let high = sorted.lastIndex(of: value).map { $0 + 1 } ?? 0
      func score(_ split: Int) -> Double {
        guard split > bin.0, split < bin.1 else { return -.infinity }
        let parts: Double = log(Double(split - bin.0) + 1e-8) + log(Double(bin.1 - split) + 1e-8)
        return parts - log(Double(bin.1 - bin.0) + 1e-8)
      }
      let chosen = score(low) >= score(high) ? low : high
      return score(chosen) > -.infinity ? (score(chosen), chosen) : nil
    }
    while bins.count <= count {
      let scored = bins.indices.compactMap { i in best(bins[i]).map { (i, $0) } }
      guard let top = scored.max(by: { $0.1.score < $1.1.score }) else { break }
      let bin = bins.remove(at: top.0)
      bins += [(bin.0, top.1.split), (top.1.split, bin.1)]
    }
    let starts: [Int] = bins.map(\.0).filter { $0 > 0 }.sorted()
    let expected = starts.map { (start: Int) -> Float in 0.5 * sorted[start - 1] + 0.5 * sorted[start] }
    // The naive twin splits bins of equal score in another order, so only the number must repeat where borders run out.
    #expect(borders.count == expected.count)
    if count == 254 { #expect(borders == expected) }
    for type in ObliviousConfiguration.BorderType.allCases {
      let own = BorderSelection(distinct).borders(type, count: count)
      #expect(own == own.sorted() && own.count <= count && !own.isEmpty)
    }
  }

  @Test
  func minimalVarianceThresholdDrawsTheWantedNumber() {
    var random = Philox(seed: 12)
    for wanted in [1.0, 30, 77.5, 99] {
      let sizes = (0..<100).map { _ in exp(2 * random.normal()) }
      let threshold = sizes.withUnsafeBufferPointer { RowBootstrap.threshold($0, wanted: wanted) }
      let expected = sizes.reduce(0.0) { $0 + min(1, $1 / threshold) }
      // The last pass solves the equation exactly, up to the rounding of a sum of 100 numbers.
      #expect(abs(expected - wanted) < 1e-9)
    }
  }

  /// Scores against sums over rows, of a histogram as it is and of what another leaves of one.
  @Test(arguments: [false, true], [false, true])
  func scoresAreThoseOfTheDefinition(isEquality: Bool, isRest: Bool) {
    var random = Philox(seed: 13)
    let bins = 19
    let sums = (0..<bins).map { _ in
      SIMD2(Int64(random.integer(below: 2001)) - 1000, Int64(random.integer(below: 50)))
    }
    let rows = (0..<8).map { _ in SIMD2<Float>(1, 1) }
    let indices = (0..<8).map { Int32($0) }
    let grid = SplitScores.Grid(
      GradientQuantisation(rows, rows: indices, count: 8, pool: ThreadPool(threads: 1)))
    var numerator = [Double](repeating: 0, count: bins)
    var denominator = [Double](repeating: 0, count: bins)
    var scratch = [Double](repeating: 0, count: SplitScores.scratchCount)
    let less = sums.map { _ in SIMD2<Int64>(Int64(random.integer(below: 90)) - 40, 3) }
    let whole = zip(sums, less).map { $0 &+ $1 }
    let own = Storage<SIMD2<Int64>>(2 * bins, initial: .zero)
    for b in 0..<bins {
      own.pointer[b] = isRest ? whole[b] : sums[b]
      own.pointer[bins + b] = less[b]
    }
    SplitScores.add(
      SplitScores.Sums(own.pointer, less: isRest ? UnsafePointer(own.pointer + bins) : nil), grid, bins: bins,
      isEquality: isEquality, l2: 3, numerator: &numerator, denominator: &denominator, scratch: &scratch)
    for b in 0..<bins - 1 {
      var expected = SIMD2<Double>.zero
      for side in [true, false] {
        let members = (0..<bins).filter { (isEquality ? $0 == b : $0 > b) == side }
        var g = 0.0
        var w = 0.0
        for member in members {
          g += Double(sums[member].x) * grid.gradientStep
          w += Double(sums[member].y) * grid.hessianStep
        }
        let v = g / (w + 3)
        expected += SIMD2(v * g, v * v * w)
      }
      #expect(abs(numerator[b] - expected.x) <= 1e-12 * abs(expected.x))
      #expect(abs(denominator[b] - expected.y) <= 1e-12 * abs(expected.y))
    }
  }

  @Test
  func newtonStepsSolveTheirEquations() {
    // Gradients 1, -2, 1 and a hessian, lower half row by row.
    let hessian = [[2.0, -1, -0.5], [-1, 1.5, -0.25], [-0.5, -0.25, 1]]
    let sums = [1.0, -2, 1] + [2.0, -1, 1.5, -0.5, -0.25, 1]
    let step = LeafEstimation.solve(sums, outputs: 3, l2: 0.5)
    for i in 0..<3 {
      var left = 0.5 * step[i]
      for j in 0..<3 { left += hessian[i][j] * step[j] }
      #expect(abs(left - sums[i]) < 1e-12)
    }
  }

  @Test
  func exponentialOfDoubles() {
    var worst = 0.0
    for i in 0..<4000 {
      let x = -708 * Double(i) / 4000
      let own = vectorExp(nonPositive: SIMD8(repeating: x))[3]
      worst = max(worst, abs(own / exp(x) - 1))
    }
    // Two roundings of the reduced argument and the polynomial's last terms.
    #expect(worst < 2e-15)
  }

  /// Gradient and hessian of every loss against differences of the loss.
  @Test(arguments: ObliviousConfiguration.Loss.allCases)
  func derivativesAreThoseOfTheLoss(kind: ObliviousConfiguration.Loss) {
    var random = Philox(seed: 14)
    let outputs = kind == .multiClass ? 3 : 1
    let loss = ObliviousLoss(kind: kind, outputs: outputs)
    let rows = 13
    let labels = (0..<rows).map { _ -> Float in
      switch kind {
      case .rmse: Float(random.normal())
      case .logloss: Float(random.integer(below: 2))
      case .crossEntropy: Float(random.uniform())
      case .multiClass: Float(random.integer(below: 3))
      }
    }
    let weights = (0..<rows).map { _ in Float(0.5 + random.uniform()) }
    let margins = (0..<rows * outputs).map { _ in random.normal() }
    func value(_ margins: [Double], weights: [Float]?) -> Double {
      var target = [Float](repeating: 0, count: rows * outputs)
      return labels.withUnsafeBufferPointer { labels in
        margins.withUnsafeBufferPointer { margins in
          (weights ?? []).withUnsafeBufferPointer { buffer in
            loss.gradients(
              ObliviousLoss.Rows(
                labels: labels.baseAddress.unsafelyUnwrapped,
                weights: weights == nil ? nil : buffer.baseAddress,
                margins: margins.baseAddress.unsafelyUnwrapped, stride: rows), 0..<rows, into: &target)
          }
        }
      }
    }
    var gradients = [Float](repeating: 0, count: rows * outputs)
    _ = labels.withUnsafeBufferPointer { labels in
      margins.withUnsafeBufferPointer { margins in
        weights.withUnsafeBufferPointer { weights in
          loss.gradients(
            ObliviousLoss.Rows(
              labels: labels.baseAddress.unsafelyUnwrapped, weights: weights.baseAddress,
              margins: margins.baseAddress.unsafelyUnwrapped, stride: rows), 0..<rows, into: &gradients)
        }
      }
    }
    let h = 1e-5
    // RMSE's own gradient is that of half the squared residual.
    let factor = kind == .rmse ? 0.5 : 1
    for i in margins.indices {
      var up = margins
      up[i] += h
      var down = margins
      down[i] -= h
      let slope = -factor * (value(up, weights: weights) - value(down, weights: weights)) / (2 * h)
      // A central difference has errors of h² and of rounding / h; gradients are `Float`.
      #expect(abs(slope - Double(gradients[i])) < 1e-6)
    }
    let plain = value(margins, weights: nil)
    #expect(
      abs(plain - value(margins, weights: [Float](repeating: 1, count: rows))) < 1e-12 * plain.magnitude)
  }

  @Test
  func orderedSegmentsCoverAllRows() {
    for count in [3, 400, 501, 7000, 100_000] {
      let segments = LearningFold.orderedSegments(count: count, multiplier: 2)
      #expect(segments.last?.tail == count)
      for (a, b) in zip(segments, segments.dropFirst()) { #expect(b.body == a.tail) }
    }
    var random = Philox(seed: 1)
    let rows = LearningFold.permutation(of: Array(0..<5003), block: 0, random: &random)
    #expect(rows.sorted() == (0..<5003).map { Int32($0) })
  }
}
