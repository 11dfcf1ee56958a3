import Glibc

/// Quantiles of a column at evenly spaced levels, and the map through them to a normal distribution.
///
/// As scikit-learn's `QuantileTransformer(output_distribution="normal")`: a value's level is interpolated between quantiles
/// from below and from above, which differ where quantiles coincide, and the mean of both goes through the inverse of
/// the normal distribution function, cut at a share of 1e-7, ±5.2.
public struct QuantileTable: Sendable, Equatable {
  /// Quantiles in increasing order, the k-th of n at the level k / (n - 1).
  public let quantiles: [Double]
  /// Number of quantiles that a description promised and that are still to come; 0 in every table that can be used.
  let awaited: Int

  init(quantiles: [Double]) {
    self.quantiles = quantiles
    awaited = 0
  }

  init(awaiting count: Int) {
    quantiles = []
    awaited = count
  }

  /// Shares closer to 0 or 1 are cut.
  static let bound = 1e-7

  /// The quantiles of values, in any order, without missing ones, interpolated linearly between order statistics.
  init(of values: [Double], count: Int) {
    precondition(!values.isEmpty && count >= 1, "quantiles of nothing")
    let sorted = values.sorted()
    var quantiles: [Double] = []
    for index in 0..<count {
      let level = count == 1 ? 0 : Double(index) / Double(count - 1)
      let value = QuantileTable.quantile(of: sorted, at: level)
      // Rounding of the interpolation must not break the order.
      quantiles.append(max(value, quantiles.last ?? value))
    }
    self.init(quantiles: quantiles)
  }

  /// Between the order statistics around level · (n - 1), as numpy has it.
  static func quantile(of sorted: [Double], at level: Double) -> Double {
    let place = level * Double(sorted.count - 1)
    let below = min(Int(place), sorted.count - 1)
    let above = min(below + 1, sorted.count - 1)
    let share = place - Double(below)
    let distance = sorted[above] - sorted[below]
    return share >= 0.5 ? sorted[above] - distance * (1 - share) : sorted[below] + distance * share
  }

  /// The normal deviate of a value.
  func normal(_ x: Double) -> Double {
    let last = quantiles.count - 1
    let limit = NormalQuantile.value(QuantileTable.bound)
    if x - QuantileTable.bound < quantiles[0] { return limit }
    if x + QuantileTable.bound > quantiles[last] { return -limit }
    let share = 0.5 * (level(x, from: firstAbove(x) - 1) + level(x, from: firstAtLeast(x)))
    return min(max(NormalQuantile.value(share), limit), -limit)
  }

  /// The level on the line through a quantile and its neighbour on the side of `x`.
  private func level(_ x: Double, from index: Int) -> Double {
    let steps = Double(quantiles.count - 1)
    let here = Double(index) / steps
    guard x != quantiles[index] else { return here }
    let next = x > quantiles[index] ? index + 1 : index - 1
    let slope = (Double(next) / steps - here) / (quantiles[next] - quantiles[index])
    return here + slope * (x - quantiles[index])
  }

  /// Position of the first quantile above `x`.
  private func firstAbove(_ x: Double) -> Int { firstIndex { $0 > x } }

  /// Position of the first quantile that is not below `x`.
  private func firstAtLeast(_ x: Double) -> Int { firstIndex { $0 >= x } }

  @inline(__always)
  private func firstIndex(where holds: (Double) -> Bool) -> Int {
    var low = 0
    var high = quantiles.count
    while low < high {
      let middle = (low + high) / 2
      if holds(quantiles[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
