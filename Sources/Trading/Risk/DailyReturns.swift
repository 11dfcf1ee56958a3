/// Returns of the last UTC days and their Sharpe ratio.
struct DailyReturns: Equatable, Sendable {
  private var ring: [Double]
  private var next = 0
  private var count = 0
  /// Annualised Sharpe ratio over the window, `mean / deviation × √365` with the deviation over n − 1; nil before the
  /// window is full and when the returns do not vary.
  private(set) var sharpe: Double?

  init(days: Int) { ring = Array(repeating: 0, count: days) }

  mutating func append(_ value: Double) {
    ring[next] = value
    next = next + 1 == ring.count ? 0 : next + 1
    count = min(count + 1, ring.count)
    sharpe = count == ring.count ? ratio() : nil
  }

  /// Sums run from the oldest to the newest day.
  private func ratio() -> Double? {
    let number = Double(ring.count)
    var sum = 0.0
    for index in ring.indices { sum += ring[(next + index) % ring.count] }
    let mean = sum / number
    var squares = 0.0
    for index in ring.indices {
      let difference = ring[(next + index) % ring.count] - mean
      squares += difference * difference
    }
    guard squares > 0 else { return nil }
    return mean / (squares / (number - 1)).squareRoot() * 365.0.squareRoot()
  }
}
