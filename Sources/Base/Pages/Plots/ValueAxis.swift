#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A linear axis whose ticks are round numbers: 1, 2 or 5 times a power of ten apart.
package struct ValueAxis {
  package let lower: Double
  package let upper: Double
  package let ticks: [Double]
  /// Decimals that tell neighbouring ticks apart.
  package let digits: Int

  /// Covers the values; a span of nothing is widened, and values that are not finite are ignored.
  package init(covering values: [Double], target: Int = 5, rounded: Bool = true) {
    let usable = values.filter { $0.isFinite && abs($0) < 1e300 }
    var low = usable.min() ?? 0
    var high = usable.max() ?? 1
    if high - low <= abs(high) * 1e-12 {
      let margin = max(abs(high) * 0.05, 1e-6)
      low -= margin
      high += margin
    }
    let raw = (high - low) / Double(max(1, target))
    let power = pow(10, floor(log10(raw)))
    let step = [1.0, 2, 5, 10].first { $0 * power >= raw * 0.999 }.map { $0 * power } ?? 10 * power
    lower = rounded ? floor(low / step + 1e-9) * step : low
    upper = rounded ? ceil(high / step - 1e-9) * step : high
    var ticks: [Double] = []
    let first = ceil(lower / step - 1e-9)
    for index in 0..<(4 * max(1, target) + 8) {
      let tick = (first + Double(index)) * step
      if tick > upper + step * 1e-6 { break }
      ticks.append(tick)
    }
    self.ticks = ticks
    digits = min(max(0, Int(-floor(log10(step) + 1e-9))), 12)
  }

  /// Covers the values with a little room at both ends instead of whole steps.
  package init(tightly values: [Double], target: Int = 5) {
    let usable = values.filter { $0.isFinite && abs($0) < 1e300 }
    let (low, high) = (usable.min() ?? 0, usable.max() ?? 1)
    let room = (high - low) * 0.03
    self.init(covering: [low - room, high + room], target: target, rounded: false)
  }

  /// Where a value lies between the ends.
  package func fraction(_ value: Double) -> Double { (value - lower) / (upper - lower) }
}
