import Market

/// Time of day and week of each close, as points on a circle.
///
/// Rows on the grid of the interval read a table, so that a year of minutes costs no trigonometry; the others compute.
struct Calendar {
  private static let day: Int64 = 86_400_000
  private static let week: Int64 = 7 * Calendar.day
  /// 1970-01-01 was a Thursday: this shifts the week to start on Monday.
  private static let mondayShift: Int64 = 3 * Calendar.day
  private static let largestTable: Int64 = 20_160

  private let interval: Int64
  private let dayTable: Storage<SIMD2<Double>>?
  private let weekTable: Storage<SIMD2<Double>>?

  init(interval: Interval) {
    self.interval = interval.milliseconds
    dayTable = Calendar.table(Calendar.day, interval.milliseconds)
    weekTable = Calendar.table(Calendar.week, interval.milliseconds)
  }

  private static func table(_ cycle: Int64, _ interval: Int64) -> Storage<SIMD2<Double>>? {
    guard cycle % interval == 0, cycle / interval <= largestTable else { return nil }
    let table = Storage<SIMD2<Double>>(Int(cycle / interval), repeating: .zero)
    for slot in 0..<table.count { table.start[slot] = point(Int64(slot) * interval, cycle) }
    return table
  }

  private static func point(_ phase: Int64, _ cycle: Int64) -> SIMD2<Double> {
    let (sine, cosine) = turn(Double(phase) / Double(cycle))
    return SIMD2(sine, cosine)
  }

  @inline(__always)
  private func lookUp(_ instant: Int64, _ cycle: Int64, _ table: Storage<SIMD2<Double>>?) -> SIMD2<Double> {
    let remainder = instant % cycle
    let phase = remainder < 0 ? remainder + cycle : remainder
    if let table, phase % interval == 0 { return table.start[Int(phase / interval)] }
    return Calendar.point(phase, cycle)
  }

  /// Writes row `i` of the calendar lanes.
  @inline(__always)
  func place(openTime: Int64, closeTime: Int64, at i: Int, _ inputs: InputLanes) {
    let day = lookUp(closeTime, Calendar.day, dayTable)
    let week = lookUp(closeTime + Calendar.mondayShift, Calendar.week, weekTable)
    inputs.daySine.values[i] = day.x
    inputs.dayCosine.values[i] = day.y
    inputs.weekSine.values[i] = week.x
    inputs.weekCosine.values[i] = week.y
    inputs.dayStart.values[i] = openTime % Calendar.day == 0 ? 1 : 0
  }
}
