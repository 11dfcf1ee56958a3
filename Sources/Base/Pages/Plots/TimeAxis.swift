import Chronology

/// A time axis with ticks at round hours, days, months or years, UTC.
package struct TimeAxis {
  package let lower: Int64
  package let upper: Int64
  package let ticks: [Tick]

  /// One mark of the axis.
  package struct Tick {
    package let time: Int64
    package let label: String
  }

  private enum Step {
    case hours(Int64)
    case days(Int64)
    case months(Int)

    var milliseconds: Double {
      switch self {
      case .hours(let count): Double(count * Timestamp.hour)
      case .days(let count): Double(count * Timestamp.day)
      case .months(let count): Double(count) * 30.44 * Double(Timestamp.day)
      }
    }
  }

  private static let steps: [Step] =
    [.hours(1), .hours(3), .hours(6), .hours(12), .days(1), .days(2), .days(7), .days(14)]
    + [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12_000, 120_000, 1_200_000].map { .months($0) }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Covers the instants with at most about `target` ticks.
  package init(covering times: [Int64], target: Int = 9) {
    lower = PageText.bounded(times.min() ?? 0)
    upper = max(PageText.bounded(times.max() ?? 0), lower + 1)
    let span = Double(upper) - Double(lower)
    let step = TimeAxis.steps.first { span / $0.milliseconds <= Double(target) } ?? .months(1_200_000)
    var ticks: [Tick] = []
    var next = TimeAxis.first(step, from: lower)
    for _ in 0..<64 {
      if next > upper { break }
      if next >= lower { ticks.append(Tick(time: next, label: TimeAxis.label(next, step))) }
      switch step {
      case .hours(let count): next += count * Timestamp.hour
      case .days(let count): next += count * Timestamp.day
      case .months(let count): next = Timestamp.addingMonths(count, to: next)
      }
    }
    self.ticks = ticks
  }

  /// Where an instant lies between the ends.
  package func fraction(_ time: Int64) -> Double {
    (Double(PageText.bounded(time)) - Double(lower)) / (Double(upper) - Double(lower))
  }

  private static func first(_ step: Step, from time: Int64) -> Int64 {
    let day = Timestamp.dayNumber(of: time)
    switch step {
    case .hours: return day * Timestamp.day
    case .days(let count):
      // Weeks begin on a Monday; day 4 was the first one after the epoch.
      let offset = count % 7 == 0 ? Int64(4) : 0
      let rest = (day - offset) % count
      return (day - (rest < 0 ? rest + count : rest)) * Timestamp.day
    case .months(let count):
      let date = Timestamp.civilDate(ofDay: day)
      let index = date.year * 12 + date.month - 1
      let rest = index % count
      let start = index - (rest < 0 ? rest + count : rest)
      let year = (start >= 0 ? start : start - 11) / 12
      return Timestamp.days(of: .init(year: year, month: start - year * 12 + 1, day: 1)) * Timestamp.day
    }
  }

  private static func label(_ time: Int64, _ step: Step) -> String {
    let date = Timestamp.civilDate(ofDay: Timestamp.dayNumber(of: time))
    let month = months[date.month - 1]
    switch step {
    case .hours: return "\(month) \(date.day) \(PageText.clock(time))"
    case .days: return "\(month) \(date.day)"
    case .months(let count): return count % 12 == 0 ? "\(date.year)" : "\(month) \(date.year)"
    }
  }
}
