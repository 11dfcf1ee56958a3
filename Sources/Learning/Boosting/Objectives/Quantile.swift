/// A quantile as a peer defines it.
struct Quantile: Sendable {
  /// Between 0 and 1.
  let level: Double
  let style: BoostingConfiguration.Style

  /// The quantile of values, of which there is at least one; nil weights are ones.
  func value(of values: [Double], weights: [Float]?) -> Double {
    precondition(!values.isEmpty, "a quantile needs a value")
    guard let weights else {
      let sorted = values.sorted()
      return style == .lightgbm ? lightgbm(sorted) : xgboost(sorted)
    }
    let order = values.indices.sorted { values[$0] != values[$1] ? values[$0] < values[$1] : $0 < $1 }
    let sorted = order.map { values[$0] }
    let own = order.map { weights[$0] }
    return style == .lightgbm ? lightgbm(sorted, own) : xgboost(sorted, own)
  }

  /// Between the order statistics around (n + 1) · level (`src/common/stats.h`, `Quantile`).
  private func xgboost(_ sorted: [Double]) -> Double {
    let n = Double(sorted.count)
    if level <= 1 / (n + 1) { return sorted[0] }
    if level >= n / (n + 1) { return sorted[sorted.count - 1] }
    let x = level * (n + 1)
    let k = x.rounded(.down) - 1
    let low = sorted[Int(k)]
    return low + (x - 1 - k) * (sorted[Int(k) + 1] - low)
  }

  /// The first value at which the weights' sum reaches its share; the sums are single-precision there
  /// (`src/common/stats.h`, `WeightedQuantile`).
  private func xgboost(_ sorted: [Double], _ weights: [Float]) -> Double {
    var sums: [Float] = []
    var sum: Float = 0
    for weight in weights {
      sum += weight
      sums.append(sum)
    }
    let threshold = Float(Double(sum) * level)
    return sorted[min(sums.firstIndex { $0 >= threshold } ?? sorted.count - 1, sorted.count - 1)]
  }

  /// Between the order statistics around (n - 1) · level, counted from the largest
  /// (`src/objective/regression_objective.hpp`, `PercentileFun`).
  private func lightgbm(_ sorted: [Double]) -> Double {
    let n = sorted.count
    if n == 1 { return sorted[0] }
    let position = Double(n - 1) * (1 - level)
    let place = Int(position) + 1
    if place >= n { return sorted[0] }
    let upper = sorted[n - place]
    let lower = sorted[n - 1 - place]
    return upper - (upper - lower) * (position - Double(place - 1))
  }

  /// Between the neighbours around the share of the weights' sum; the lower one where the upper weighs less than 1.
  ///
  /// This is LightGBM 4.7.0, found by trying it on small weighted samples. `WeightedPercentileFun` of 4.6 and before divides by the
  /// weight of the value after, and can leave the interval.
  private func lightgbm(_ sorted: [Double], _ weights: [Float]) -> Double {
    let n = sorted.count
    if n == 1 { return sorted[0] }
    var sums: [Double] = []
    var sum = 0.0
    for weight in weights {
      sum += Double(weight)
      sums.append(sum)
    }
    let threshold = sum * level
    let place = min(sums.firstIndex { $0 > threshold } ?? n - 1, n - 1)
    if place == 0 || place == n - 1 { return sorted[place] }
    let step = sums[place] - sums[place - 1]
    guard step >= 1 else { return sorted[place - 1] }
    return (threshold - sums[place - 1]) / step * (sorted[place] - sorted[place - 1]) + sorted[place - 1]
  }
}
