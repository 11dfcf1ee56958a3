import Diagnostics

/// A value over time, thinned for a page without losing its extremes.
public struct Curve: Codable, Equatable, Sendable {
  /// Name for the legend.
  public let name: String
  /// Instants, milliseconds since the epoch, UTC, in increasing order.
  public let time: [Int64]
  /// Values at those instants.
  public let value: [Double]

  /// Thins a curve to at most `maximumPoints`: of each run of points it keeps the lowest and the highest, and always the
  /// first and the last.
  /// - Throws: `TernError` of kind `data` for unequal lengths, times out of order, or values that are not finite.
  public init(name: String, time: [Int64], value: [Double], maximumPoints: Int = 1200) throws(TernError) {
    try Curve.check(name, time, value)
    self.name = name
    guard time.count > max(4, maximumPoints) else {
      self.time = time
      self.value = value
      return
    }
    let runs = (max(4, maximumPoints) - 2) / 2
    var kept: [Int] = [0]
    for run in 0..<runs {
      // The first and last points are kept anyway.
      let start = 1 + (time.count - 2) * run / runs
      let end = 1 + (time.count - 2) * (run + 1) / runs
      guard start < end else { continue }
      var lowest = start
      var highest = start
      for index in start..<end {
        if value[index] < value[lowest] { lowest = index }
        if value[index] > value[highest] { highest = index }
      }
      kept.append(min(lowest, highest))
      if lowest != highest { kept.append(max(lowest, highest)) }
    }
    kept.append(time.count - 1)
    self.time = kept.map { time[$0] }
    self.value = kept.map { value[$0] }
  }

  /// The drawdown of an equity curve, (equity − peak) / peak ≤ 0, computed at full resolution before it is thinned.
  /// - Throws: `TernError` of kind `data` as `init`, and for equity that is not positive at its peak.
  public static func drawdown(
    name: String = "drawdown", time: [Int64], equity: [Double], maximumPoints: Int = 1200
  ) throws(TernError) -> Curve {
    try check(name, time, equity)
    var peak = -Double.infinity
    var values: [Double] = []
    values.reserveCapacity(equity.count)
    for (index, value) in equity.enumerated() {
      peak = max(peak, value)
      guard peak > 0 else {
        throw TernError(.data, "point \(index) of curve \(name) has no positive peak", found: "\(value)")
      }
      values.append((value - peak) / peak)
    }
    return try Curve(name: name, time: time, value: values, maximumPoints: maximumPoints)
  }

  private static func check(_ name: String, _ time: [Int64], _ value: [Double]) throws(TernError) {
    guard time.count == value.count else {
      throw TernError(
        .data, "curve \(name) has unequal columns", found: "\(value.count) values", expected: "\(time.count)")
    }
    for index in time.indices {
      guard value[index].isFinite else {
        throw TernError(.data, "point \(index) of curve \(name) is not finite", found: "\(value[index])")
      }
      guard index == 0 || time[index - 1] <= time[index] else {
        throw TernError(.data, "point \(index) of curve \(name) goes back in time")
      }
    }
  }
}
