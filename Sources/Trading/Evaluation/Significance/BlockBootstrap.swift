import Chronology
import Compute
import Diagnostics

/// Confidence intervals that resample whole UTC days, because rows within a day are not independent: their labels
/// overlap and volatility clusters.
///
/// The days that hold rows are laid on a circle in time order; each replicate draws blocks of `blockDays`
/// consecutive days with replacement until it has as many days as the data (the circular block bootstrap of
/// Politis & Romano, 1992; with one day per block, the cluster bootstrap). Intervals are percentiles of the
/// replicates. Replicate r draws from Philox stream r, so the result depends on the seed alone.
public struct BlockBootstrap: Equatable, Sendable {
  /// Number of replicates.
  public let replicates: Int
  /// Days per block.
  public let blockDays: Int
  /// Confidence level.
  public let level: Double
  /// Seed of the draws.
  public let seed: UInt64

  /// Takes the settings.
  /// - Throws: `TernError` of kind `configuration` for fewer than 100 replicates, blocks of no day, or a level
  ///   outside (0, 1).
  public init(replicates: Int = 2000, blockDays: Int = 1, level: Double = 0.95, seed: UInt64)
    throws(TernError)
  {
    guard replicates >= 100 else {
      throw TernError(
        .configuration, "too few for percentiles", key: "replicates", found: "\(replicates)",
        expected: "≥ 100")
    }
    guard blockDays >= 1 else {
      throw TernError(
        .configuration, "out of range", key: "blockDays", found: "\(blockDays)", expected: "≥ 1")
    }
    guard level > 0, level < 1 else {
      throw TernError(
        .configuration, "out of range", key: "level", found: "\(level)", expected: "between 0 and 1")
    }
    self.replicates = replicates
    self.blockDays = blockDays
    self.level = level
    self.seed = seed
  }

  /// What a bootstrap found.
  public struct Result: Codable, Equatable, Sendable {
    /// The estimate and its percentile interval.
    public let interval: ConfidenceInterval
    /// Number of distinct days that were resampled.
    public let days: Int
    /// Standard deviation of the replicates.
    public let standardError: Double
    /// One-sided p-value of "the truth is at or below the null": (1 + replicates ≤ null) / (1 + replicates).
    public let pValue: Double
    /// Replicates that could not be computed (an AUC without both classes) and were left out.
    public let skipped: Int
  }

  /// The interval of a weighted mean, such as the net expectancy per trade or a hit rate.
  ///
  /// Replicates are ratios Σwv / Σw over the drawn days, so days with many rows weigh more, as they do in the mean.
  /// - Parameters:
  ///   - times: milliseconds since the epoch, UTC, that place each value in a day; any order.
  ///   - null: the value that the p-value tests against.
  /// - Returns: Nil for fewer than 5 distinct days, from which no interval can be had.
  /// - Throws: `TernError` of kind `data` for unequal lengths, values that are not finite, or unusable weights.
  public func mean(
    of values: [Double], times: [Int64], weights: [Double]? = nil, null: Double = 0
  ) throws(TernError) -> Result? {
    try checkLengths(values.count, times.count)
    guard !values.isEmpty else { return nil }
    try MetricInput.checkWeights(weights, rows: values.count)
    try MetricInput.checkFinite(values, name: "value")
    let (dayOfRow, days) = DayIndex.assign(times)
    guard days >= DayIndex.minimum else { return nil }
    var sums = [Double](repeating: 0, count: days)
    var totals = sums
    for row in values.indices {
      let weight = weights?[row] ?? 1
      sums[dayOfRow[row]] += weight * values[row]
      totals[dayOfRow[row]] += weight
    }
    let estimate = sums.reduce(0, +) / totals.reduce(0, +)
    return summarise(estimate: estimate, days: days, null: null) { multiplicity in
      var sum = 0.0
      var total = 0.0
      for day in 0..<days where multiplicity[day] > 0 {
        sum += multiplicity[day] * sums[day]
        total += multiplicity[day] * totals[day]
      }
      return total > 0 ? sum / total : nil
    }
  }

  /// The interval of an AUC under overlapping labels; the p-value tests against 0.5.
  ///
  /// Rows are sorted once; each replicate is one pass with the days' multiplicities as weights.
  /// - Returns: Nil for fewer than 5 distinct days or a single class.
  /// - Throws: `TernError` of kind `data` for unequal lengths, scores that are not finite, or unusable weights.
  public func auc(
    isPositive: [Bool], scores: [Double], times: [Int64], weights: [Double]? = nil
  ) throws(TernError) -> Result? {
    try checkLengths(scores.count, times.count)
    guard !scores.isEmpty else { return nil }
    let ranking = try Ranking(isPositive: isPositive, scores: scores)
    try MetricInput.checkWeights(weights, rows: scores.count)
    guard let estimate = ranking.auc(weight: { weights?[$0] ?? 1 }) else { return nil }
    let (dayOfRow, days) = DayIndex.assign(times)
    guard days >= DayIndex.minimum else { return nil }
    // In score order, so that a replicate reads memory forwards.
    let dayInOrder = ranking.order.map { Int32(dayOfRow[Int($0)]) }
    let weightInOrder = weights.map { weights in ranking.order.map { weights[Int($0)] } }
    return summarise(estimate: estimate, days: days, null: 0.5) { multiplicity in
      ranking.auc(dayInOrder: dayInOrder, weightInOrder: weightInOrder, multiplicity: multiplicity)
    }
  }

  private func checkLengths(_ values: Int, _ times: Int) throws(TernError) {
    guard values == times else {
      throw TernError(
        .data, "values and times differ in number", found: "\(times) times", expected: "\(values)")
    }
  }

  private func summarise(
    estimate: Double, days: Int, null: Double, _ statistic: ([Double]) -> Double?
  ) -> Result? {
    var values: [Double] = []
    values.reserveCapacity(replicates)
    var multiplicity = [Double](repeating: 0, count: days)
    for replicate in 0..<replicates {
      draw(replicate, into: &multiplicity)
      if let value = statistic(multiplicity) { values.append(value) }
    }
    guard values.count >= replicates / 2 else { return nil }
    values.sort()
    let tail = (1 - level) / 2
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count - 1))
    return Result(
      interval: ConfidenceInterval(
        estimate: estimate, lower: Quantile.linear(sorted: values, tail),
        upper: Quantile.linear(sorted: values, 1 - tail), level: level, method: .blockBootstrap),
      days: days, standardError: variance.squareRoot(),
      pValue: Double(1 + values.count { $0 <= null }) / Double(1 + values.count),
      skipped: replicates - values.count)
  }

  /// How often each day occurs in a replicate.
  func draw(_ replicate: Int, into multiplicity: inout [Double]) {
    let days = multiplicity.count
    for day in 0..<days { multiplicity[day] = 0 }
    var random = Philox(seed: seed, stream: UInt64(replicate))
    var drawn = 0
    while drawn < days {
      var day = random.integer(below: days)
      for _ in 0..<min(blockDays, days - drawn) {
        multiplicity[day] += 1
        day = day + 1 == days ? 0 : day + 1
        drawn += 1
      }
    }
  }
}

extension Ranking {
  /// The AUC with each row counted as often as its day was drawn.
  func auc(dayInOrder: [Int32], weightInOrder: [Double]?, multiplicity: [Double]) -> Double? {
    var concordant = 0.0
    var negatives = 0.0
    var positives = 0.0
    var group = SIMD2<Double>.zero
    for position in dayInOrder.indices {
      if startsGroup[position] {
        concordant += group.y * (negatives + 0.5 * group.x)
        negatives += group.x
        positives += group.y
        group = .zero
      }
      let weight = multiplicity[Int(dayInOrder[position])] * (weightInOrder?[position] ?? 1)
      group[isPositive[position] ? 1 : 0] += weight
    }
    concordant += group.y * (negatives + 0.5 * group.x)
    negatives += group.x
    positives += group.y
    guard positives > 0, negatives > 0 else { return nil }
    return concordant / (positives * negatives)
  }
}

/// Distinct UTC days of a set of instants.
enum DayIndex {
  /// Fewer days than this give no interval worth the name.
  static let minimum = 5

  /// The rank, in time order, of each instant's UTC day, and the number of distinct days.
  static func assign(_ times: [Int64]) -> (dayOfRow: [Int], days: Int) {
    let numbers = times.map { Timestamp.dayNumber(of: $0) }
    let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
    var dayOfRow = [Int](repeating: 0, count: numbers.count)
    var day = -1
    for (position, row) in order.enumerated() {
      if position == 0 || numbers[row] != numbers[order[position - 1]] { day += 1 }
      dayOfRow[row] = day
    }
    return (dayOfRow, day + 1)
  }
}

/// Quantiles of sorted samples.
enum Quantile {
  /// Linear interpolation between order statistics (type 7 of Hyndman & Fan, 1996; numpy's default).
  static func linear(sorted values: [Double], _ fraction: Double) -> Double {
    let position = fraction * Double(values.count - 1)
    let low = Int(position)
    let high = min(low + 1, values.count - 1)
    return values[low] + (position - Double(low)) * (values[high] - values[low])
  }
}
