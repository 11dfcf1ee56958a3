/// Volume-weighted mean price since the start of the UTC day; unknown until the first day start after a reset.
final class SessionAverageNode: Node {
  private let price: UnsafeMutablePointer<Double>
  private let volume: UnsafeMutablePointer<Double>
  private let dayStart: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private var isKnown = false
  private var turnover = 0.0
  private var total = 0.0

  init(price: Lane, volume: Lane, dayStart: Lane, _ output: Lane) {
    self.price = price.values
    self.volume = volume.values
    self.dayStart = dayStart.values
    self.output = output.values
    super.init(clock: price.clock)
  }

  override func clear() { isKnown = false }

  override func step(_ start: Int, _ end: Int) {
    for i in start..<end {
      if dayStart[i] == 1 {
        isKnown = true
        (turnover, total) = (0, 0)
      }
      turnover += price[i] * volume[i]
      total += volume[i]
      // Without volume there is no average; the price itself stands in for it.
      output[i] = !isKnown ? .nan : (total == 0 ? price[i] : turnover / total)
    }
  }
}

extension Graph {
  /// Volume-weighted mean of `price` since the UTC day began.
  func sessionAverage(_ price: Lane, _ volume: Lane, dayStart: Lane) -> Lane {
    shared("session(\(price.id),\(volume.id))") {
      let barsPerDay = Int(max(1, 86_400_000 / interval.milliseconds))
      let out = lane(after: price, volume, dayStart, warmUp: barsPerDay - 1, memory: barsPerDay)
      add(SessionAverageNode(price: price, volume: volume, dayStart: dayStart, out), out)
      return out
    }
  }
}
