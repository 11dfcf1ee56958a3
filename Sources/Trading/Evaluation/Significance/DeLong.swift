import Diagnostics

extension Metrics {
  /// AUC with DeLong's asymptotic variance, for independent rows.
  ///
  /// Var = S₁₀/m + S₀₁/n with the structural components of DeLong, DeLong & Clarke-Pearson, "Comparing the Areas
  /// under Two or More Correlated Receiver Operating Characteristic Curves", 1988, computed from midranks in
  /// O(n log n) after Sun & Xu, "Fast Implementation of DeLong's Algorithm", 2014. The interval is
  /// AUC ± z·√Var cut to [0, 1]. Overlapping labels break independence: report `BlockBootstrap.auc` beside it.
  /// - Returns: Nil with fewer than two rows of either class.
  /// - Throws: `TernError` of kind `data` for unequal lengths or scores that are not finite.
  public static func delong(
    isPositive: [Bool], scores: [Double], level: Double = 0.95
  ) throws(TernError) -> ConfidenceInterval? {
    guard level > 0, level < 1 else {
      throw TernError(
        .configuration, "out of range", key: "level", found: "\(level)", expected: "between 0 and 1")
    }
    let ranking = try Ranking(isPositive: isPositive, scores: scores)
    let m = Double(isPositive.count { $0 })
    let n = Double(isPositive.count) - m
    guard m >= 2, n >= 2 else { return nil }
    // The component of a positive is the share of negatives below it (ties half); of a negative, the share of
    // positives above it. Both follow from the counts before and inside its group of ties.
    var positives = Moments()
    var negatives = Moments()
    var negativesBefore = 0.0
    var positivesBefore = 0.0
    var start = 0
    while start < ranking.order.count {
      var end = start
      var groupPositive = 0.0
      repeat {
        if ranking.isPositive[end] { groupPositive += 1 }
        end += 1
      } while end < ranking.order.count && !ranking.startsGroup[end]
      let groupNegative = Double(end - start) - groupPositive
      positives.add((negativesBefore + groupNegative / 2) / n, times: groupPositive)
      negatives.add(1 - (positivesBefore + groupPositive / 2) / m, times: groupNegative)
      negativesBefore += groupNegative
      positivesBefore += groupPositive
      start = end
    }
    let auc = positives.mean
    let half =
      NormalDistribution.quantile(0.5 + level / 2)
      * (positives.variance / m + negatives.variance / n).squareRoot()
    return ConfidenceInterval(
      estimate: auc, lower: max(0, auc - half), upper: min(1, auc + half), level: level, method: .delong)
  }
}

/// Running mean and sample variance (Welford, with repeats; Chan, Golub & LeVeque, 1983).
private struct Moments {
  var count = 0.0
  var mean = 0.0
  var squares = 0.0

  mutating func add(_ value: Double, times: Double) {
    guard times > 0 else { return }
    let difference = value - mean
    let total = count + times
    mean += difference * times / total
    squares += difference * difference * count * times / total
    count = total
  }

  var variance: Double { squares / (count - 1) }
}
