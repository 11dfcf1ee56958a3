import Chronology
import Compute
import Diagnostics
import Foundation
import Testing

@testable import Evaluation

private struct SignificanceGolden: Decodable {
  struct DeLong: Decodable { var auc, lower, upper, level: Double }
  struct Sharpe: Decodable {
    var sharpe, skewness, kurtosis, probabilistic, trialVariance, expectedMaximum, deflated: Double
    var minimumTrackRecord: Double
    var trials: Int
  }
  struct Wilson: Decodable { var hits, count, level, lower, upper: Double }
  struct Quantile: Decodable { var p, z: [Double] }
  struct Cumulative: Decodable { var x, p: [Double] }
  var labels: [Int]
  var scores, returns: [Double]
  var delong: DeLong
  var sharpe: Sharpe
  var wilson: [Wilson]
  var quantile: Quantile
  var cumulative: Cumulative

  static func load() throws -> SignificanceGolden {
    try GoldenFile.read(SignificanceGolden.self, "significance.json")
  }
}

@Suite("Significance against scipy")
struct SignificanceGoldenTests {
  @Test func normalDistribution() throws {
    let golden = try SignificanceGolden.load()
    for (p, z) in zip(golden.quantile.p, golden.quantile.z) {
      #expect(close(NormalDistribution.quantile(p), z, within: 1e-13))
    }
    for (x, p) in zip(golden.cumulative.x, golden.cumulative.p) {
      // Relative, so that the far tail counts; erfc differs between libraries by a few units in the last place.
      #expect(abs(NormalDistribution.cumulative(x) / p - 1) < 1e-12)
    }
  }

  @Test func wilson() throws {
    for value in try SignificanceGolden.load().wilson {
      let found = ConfidenceInterval.wilson(
        rate: value.hits / value.count, count: value.count, level: value.level)
      #expect(close(found.lower, value.lower) && close(found.upper, value.upper))
    }
  }

  @Test func delong() throws {
    let golden = try SignificanceGolden.load()
    let found = try #require(
      try Metrics.delong(
        isPositive: golden.labels.map { $0 == 1 }, scores: golden.scores, level: golden.delong.level))
    #expect(close(found.estimate, golden.delong.auc))
    #expect(close(found.lower, golden.delong.lower))
    #expect(close(found.upper, golden.delong.upper))
  }

  @Test func sharpe() throws {
    let golden = try SignificanceGolden.load()
    let found = try #require(
      try SharpeSignificance.judge(
        returns: golden.returns, trials: golden.sharpe.trials, trialVariance: golden.sharpe.trialVariance))
    #expect(close(found.sharpe, golden.sharpe.sharpe))
    #expect(close(found.skewness, golden.sharpe.skewness))
    #expect(close(found.kurtosis, golden.sharpe.kurtosis))
    #expect(close(found.probabilistic, golden.sharpe.probabilistic))
    #expect(close(found.expectedMaximum, golden.sharpe.expectedMaximum))
    #expect(close(found.deflated, golden.sharpe.deflated))
    #expect(close(found.minimumTrackRecord, golden.sharpe.minimumTrackRecord))
  }
}

@Suite("Properties of significance")
struct SignificancePropertyTests {
  @Test func deflationOnlyTakesAway() throws {
    var random = Philox(seed: 3)
    let returns = (0..<200).map { _ in random.uniform() - 0.47 }
    let once = try #require(try SharpeSignificance.judge(returns: returns))
    #expect(once.deflated == once.probabilistic && once.expectedMaximum == 0)
    let many = try #require(try SharpeSignificance.judge(returns: returns, trials: 1000))
    #expect(many.deflated < once.deflated && many.expectedMaximum > 0)
  }

  @Test func returnsWithoutSpreadHaveNoSharpeRatio() throws {
    #expect(try SharpeSignificance.judge(returns: [0.1, 0.1, 0.1, 0.1]) == nil)
    #expect(try SharpeSignificance.judge(returns: [0, 0, 0]) == nil)
    #expect(try SharpeSignificance.judge(returns: [0.1, 0.2]) == nil)
    #expect(throws: TernError.self) { try SharpeSignificance.judge(returns: [0.1, .infinity, 0]) }
    #expect(throws: TernError.self) { try SharpeSignificance.judge(returns: [0.1, 0.2, 0], trials: 0) }
    let twoValued = try #require(try SharpeSignificance.judge(returns: [1, -1, 1, -1]))
    #expect(twoValued.probabilistic == 0.5)
  }

  /// The worked example of Bailey & López de Prado, 2014: an annual Sharpe ratio of 2.5 over 1250 days, the best of 100
  /// trials whose annual ratios vary by 1/2, skewness −3 and kurtosis 10.
  @Test func thePublishedExampleIsReproduced() {
    let sharpe = 2.5 / 250.0.squareRoot()
    let expected = SharpeSignificance.expectedMaximumSharpe(trials: 100, variance: 0.5 / 250)
    // The paper prints four digits.
    #expect(abs(expected - 0.1132) < 5e-5)
    let spread = SharpeSignificance.spread(sharpe: sharpe, skewness: -3, kurtosis: 10)
    let deflated = NormalDistribution.cumulative((sharpe - expected) * 1249.0.squareRoot() / spread)
    #expect(abs(deflated - 0.9004) < 5e-5)
  }

  @Test func delongNeedsTwoRowsOfEitherClass() throws {
    #expect(try Metrics.delong(isPositive: [true, false, false], scores: [1, 2, 3]) == nil)
    #expect(try Metrics.delong(isPositive: [true, true, true], scores: [1, 2, 3]) == nil)
    #expect(try Metrics.delong(isPositive: [], scores: []) == nil)
    #expect(throws: TernError.self) { try Metrics.delong(isPositive: [true], scores: [.nan]) }
    #expect(throws: TernError.self) { try Metrics.delong(isPositive: [true], scores: [1], level: 1) }
    let tied = try #require(
      try Metrics.delong(isPositive: [true, false, true, false], scores: [1, 1, 1, 1]))
    #expect(tied.estimate == 0.5 && tied.lower == 0.5 && tied.upper == 0.5)
  }

  @Test func expectedMaximumMatchesSimulation() {
    // The formula approximates the mean of the largest of N normals; for N = 100 its error is below 1 %.
    var random = Philox(seed: 17)
    var sum = 0.0
    let repeats = 4000
    for _ in 0..<repeats {
      var largest = -Double.infinity
      for _ in 0..<100 { largest = max(largest, NormalDistribution.quantile(max(random.uniform(), 1e-300))) }
      sum += largest
    }
    let expected = SharpeSignificance.expectedMaximumSharpe(trials: 100, variance: 1)
    // Standard error of the simulated mean: 0.43 / √4000 ≈ 0.007.
    #expect(abs(sum / Double(repeats) - expected) < 0.05)
  }
}

@Suite("Block bootstrap")
struct BlockBootstrapTests {
  @Test func everyReplicateDrawsAsManyDaysAsThereAre() throws {
    for blockDays in [1, 3, 7, 50] {
      let bootstrap = try BlockBootstrap(replicates: 100, blockDays: blockDays, seed: 11)
      var multiplicity = [Double](repeating: 0, count: 23)
      for replicate in 0..<100 {
        bootstrap.draw(replicate, into: &multiplicity)
        #expect(multiplicity.reduce(0, +) == 23)
      }
    }
  }

  @Test func aucReplicatesEqualWeightedAUC() throws {
    var random = Philox(seed: 4)
    let times = (0..<200).map { Int64($0) * Timestamp.hour }
    let labels = times.map { _ in random.uniform() < 0.5 }
    let scores = times.map { _ in Double(random.integer(below: 30)) }
    let ranking = try Ranking(isPositive: labels, scores: scores)
    let (dayOfRow, days) = DayIndex.assign(times)
    let bootstrap = try BlockBootstrap(replicates: 100, seed: 8)
    var multiplicity = [Double](repeating: 0, count: days)
    for replicate in 0..<50 {
      bootstrap.draw(replicate, into: &multiplicity)
      let fast = ranking.auc(
        dayInOrder: ranking.order.map { Int32(dayOfRow[Int($0)]) }, weightInOrder: nil,
        multiplicity: multiplicity)
      let weights = dayOfRow.map { multiplicity[$0] }
      let slow = try Metrics.auc(isPositive: labels, scores: scores, weights: weights)
      #expect(fast == slow)
    }
  }

  @Test func intervalOfIndependentDaysMatchesTheNormalOne() throws {
    // One value a day: the bootstrap then resamples independent values, whose mean is asymptotically normal.
    var random = Philox(seed: 21)
    let values = (0..<400).map { _ in random.uniform() }
    let times = values.indices.map { Int64($0) * Timestamp.day }
    let found = try #require(try BlockBootstrap(replicates: 4000, seed: 1).mean(of: values, times: times))
    let mean = values.reduce(0, +) / 400
    let squares: Double = values.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / 400).squareRoot()
    #expect(close(found.interval.estimate, mean))
    // Monte Carlo error of a 97.5 % quantile at 4000 replicates is about 4 % of the standard error.
    let half = 1.959964 * deviation / 20
    #expect(close(found.interval.lower, mean - half, within: 0.12 * half))
    #expect(close(found.interval.upper, mean + half, within: 0.12 * half))
    let ratio: Double = found.standardError / (deviation / 20)
    #expect(abs(ratio - 1) < 0.05)
  }

  @Test func rowsThatMoveTogetherWidenTheInterval() throws {
    // Ten copies of each day's value carry no more information than one.
    var random = Philox(seed: 2)
    let daily = (0..<100).map { _ in random.uniform() - 0.5 }
    let single = try BlockBootstrap(seed: 3).mean(
      of: daily, times: daily.indices.map { Int64($0) * Timestamp.day })
    let copies = daily.indices.flatMap { [Double](repeating: daily[$0], count: 10) }
    let times: [Int64] = copies.indices.map {
      Int64($0 / 10) * Timestamp.day + Int64($0 % 10) * Timestamp.hour
    }
    let tenfold = try BlockBootstrap(seed: 3).mean(of: copies, times: times)
    #expect(close(tenfold?.interval.lower, single?.interval.lower))
    #expect(close(tenfold?.interval.upper, single?.interval.upper))
  }

  @Test func seedsDecideAndRowOrderDoesNot() throws {
    var random = Philox(seed: 5)
    let times = (0..<500).map { _ in Int64(random.integer(below: 40)) * Timestamp.day }
    let values = times.map { _ in random.uniform() }
    let a = try BlockBootstrap(seed: 1).mean(of: values, times: times)
    let same = try BlockBootstrap(seed: 1).mean(of: values, times: times)
    let other = try BlockBootstrap(seed: 2).mean(of: values, times: times)
    #expect(a == same)
    #expect(a != other)
    let labels = values.map { $0 > 0.5 }
    let auc = try BlockBootstrap(replicates: 200, seed: 1).auc(
      isPositive: labels, scores: values.map { $0 * $0 }, times: times)
    #expect(auc?.interval.estimate == 1 && auc?.interval.lower == 1)
    let reversed = try BlockBootstrap(seed: 1).mean(of: values.reversed(), times: times.reversed())
    #expect(close(reversed?.interval.lower, a?.interval.lower))
  }

  /// A 95 % interval must cover the truth in about 95 % of data sets, although the rows of a day move together.
  @Test func intervalsCoverTheTruthAsOftenAsTheySay() throws {
    var random = Philox(seed: 12)
    var covered = (mean: 0, auc: 0)
    let sets = 200
    for set in 0..<sets {
      var (values, times, labels, scores) = ([Double](), [Int64](), [Bool](), [Double]())
      for day in 0..<60 {
        let shock = random.normal()
        for hour in 0..<6 {
          times.append(Int64(day) * Timestamp.day + Int64(hour) * Timestamp.hour)
          values.append(shock + 0.5 * random.normal())
          labels.append(random.uniform() < 0.5)
          // Positives score higher by one; scores of different days differ with variance 2·(1 + 0.3²).
          scores.append(random.normal() + 0.3 * shock + (labels[labels.count - 1] ? 1 : 0))
        }
      }
      let bootstrap = try BlockBootstrap(replicates: 200, seed: UInt64(set))
      let mean = try #require(try bootstrap.mean(of: values, times: times)).interval
      if mean.lower <= 0, 0 <= mean.upper { covered.mean += 1 }
      let auc = try #require(try bootstrap.auc(isPositive: labels, scores: scores, times: times)).interval
      let truth = NormalDistribution.cumulative(1 / (2 * 1.09).squareRoot())
      if auc.lower <= truth, truth <= auc.upper { covered.auc += 1 }
    }
    // Binomial(200, 0.95) lies in 178…199 with probability 0.999; percentile intervals of 60 days run a little narrow,
    // by about √(59/60) and the Monte Carlo error of 200 replicates, for which 4 sets are allowed.
    for hits in [covered.mean, covered.auc] { #expect(hits >= 174 && hits < 200) }
  }

  @Test func longerBlocksSeeDependenceBetweenDays() throws {
    // A moving sum over five days: neighbouring days share four fifths of their shocks.
    var random = Philox(seed: 31)
    let shocks = (0..<505).map { _ in random.normal() }
    let values = (0..<500).map { day in shocks[day..<day + 5].reduce(0, +) }
    let times = values.indices.map { Int64($0) * Timestamp.day }
    let daily = try #require(try BlockBootstrap(seed: 1).mean(of: values, times: times))
    let blocks = try #require(try BlockBootstrap(blockDays: 20, seed: 1).mean(of: values, times: times))
    // In theory by √5 ≈ 2.2; blocks of 20 days reach about 0.9 of it, and 25 blocks estimate it within 15 %.
    let ratio = blocks.standardError / daily.standardError
    #expect(ratio > 1.6 && ratio < 2.6)
  }

  @Test func pValuesCountReplicatesAtOrBelowTheNull() throws {
    let times = (0..<40).map { Int64($0) * Timestamp.day }
    let bootstrap = try BlockBootstrap(replicates: 999, seed: 5)
    let gain = try #require(try bootstrap.mean(of: [Double](repeating: 1, count: 40), times: times))
    #expect(gain.pValue == 1.0 / 1000)
    let nothing = try #require(try bootstrap.mean(of: [Double](repeating: 0, count: 40), times: times))
    #expect(nothing.pValue == 1)
    #expect(gain.interval.lower == 1 && gain.interval.upper == 1 && gain.standardError == 0)
  }

  @Test func aClassOnOneDayOnlySkipsTheReplicatesWithoutIt() throws {
    let times = (0..<40).map { Int64($0) * Timestamp.day }
    let scores = times.indices.map { Double($0 * 7 % 40) }
    let found = try #require(
      try BlockBootstrap(replicates: 1000, seed: 6).auc(
        isPositive: times.indices.map { $0 == 3 }, scores: scores, times: times))
    // A given day is missing from a replicate with probability (1 − 1/40)⁴⁰ ≈ 0.363, ± 0.015 at 1000 replicates.
    #expect(abs(Double(found.skipped) / 1000 - 0.363) < 0.06)
    #expect(
      try BlockBootstrap(seed: 6).auc(
        isPositive: times.map { _ in true }, scores: scores, times: times) == nil)
  }

  @Test func tooFewDaysGiveNoInterval() throws {
    let bootstrap = try BlockBootstrap(seed: 1)
    #expect(try bootstrap.mean(of: [1, 2, 3], times: [0, 1, 2]) == nil)
    #expect(try bootstrap.mean(of: [], times: []) == nil)
    #expect(throws: TernError.self) { try bootstrap.mean(of: [1], times: []) }
    #expect(throws: TernError.self) { try BlockBootstrap(replicates: 10, seed: 1) }
    #expect(throws: TernError.self) { try BlockBootstrap(level: 1, seed: 1) }
  }
}
