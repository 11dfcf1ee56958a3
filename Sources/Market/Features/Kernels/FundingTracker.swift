/// What the funding features need of the settlements so far: bounded, and untouched by gaps in the candles.
struct FundingTracker {
  /// Settlements in the window of the standard score: ten days of three.
  static let window = 30
  /// Settlements in the window of the mean: three days.
  static let shortWindow = 9
  /// The usual time between settlements, taken until two are known.
  static let usualPeriod: Int64 = 8 * 3_600_000
  /// The window's length at the usual period.
  static let windowMilliseconds = Int64(window) * usualPeriod
  /// A rate older than this is not a current one.
  static let staleAfter: Int64 = 24 * 3_600_000

  private let rates = Storage<Double>(FundingTracker.window, repeating: .nan)
  private var count = 0
  private var lastTime: Int64 = .min
  private var period = FundingTracker.usualPeriod
  private(set) var rate = Double.nan
  private(set) var change = Double.nan
  private(set) var mean = Double.nan
  private(set) var score = Double.nan

  /// Time of the latest settlement taken in.
  var time: Int64? { count == 0 ? nil : lastTime }

  mutating func clear() {
    count = 0
    lastTime = .min
    period = FundingTracker.usualPeriod
    (rate, change, mean, score) = (.nan, .nan, .nan, .nan)
  }

  /// Takes in the next settlement.
  mutating func accept(time: Int64, rate next: Double) {
    change = next - rate
    if count > 0 { period = min(max(time - lastTime, 1), FundingTracker.staleAfter) }
    rate = next
    lastTime = time
    rates.start[count % FundingTracker.window] = next
    count += 1
    mean = average(FundingTracker.shortWindow).mean
    let (center, variance) = average(FundingTracker.window)
    score = variance <= 1e-24 * center * center ? 0 : (next - center) / variance.squareRoot()
  }

  /// Fraction of the funding period that remains until the next settlement at an instant, 0 when it is overdue; NaN
  /// when the latest rate is stale.
  func wait(at instant: Int64) -> Double {
    guard isCurrent(at: instant) else { return .nan }
    return Double(max(0, lastTime + period - instant)) / Double(period)
  }

  /// Whether there is a rate that is not stale.
  func isCurrent(at instant: Int64) -> Bool { count > 0 && instant - lastTime <= FundingTracker.staleAfter }

  /// Mean and population variance of the latest settlements, NaN until there are enough.
  private func average(_ length: Int) -> (mean: Double, variance: Double) {
    guard count >= length else { return (.nan, .nan) }
    var sum = 0.0
    for back in 1...length { sum += rates.start[(count - back) % FundingTracker.window] }
    let mean = sum / Double(length)
    var squares = 0.0
    for back in 1...length {
      let deviation = rates.start[(count - back) % FundingTracker.window] - mean
      squares += deviation * deviation
    }
    return (mean, squares / Double(length))
  }
}
