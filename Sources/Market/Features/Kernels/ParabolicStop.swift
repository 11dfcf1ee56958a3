/// Wilder's parabolic stop and reverse, with TA-Lib's start: the first direction follows the directional movement of
/// the second bar.
final class ParabolicStopNode: Node {
  private let high: UnsafeMutablePointer<Double>
  private let low: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let acceleration: Double
  private let maximum: Double
  private var seen = 0
  private var isLong = true
  private var stop = 0.0
  private var extreme = 0.0
  private var factor = 0.0
  private var previousHigh = 0.0
  private var previousLow = 0.0

  init(high: Lane, low: Lane, _ output: Lane, acceleration: Double, maximum: Double) {
    self.high = high.values
    self.low = low.values
    self.output = output.values
    self.acceleration = acceleration
    self.maximum = maximum
    super.init(clock: high.clock, skip: 0)
  }

  override func clear() { seen = 0 }

  override func step(_ start: Int, _ end: Int) {
    for i in start..<end {
      let (newHigh, newLow) = (high[i], low[i])
      if seen == 0 {
        seen = 1
        output[i] = .nan
      } else {
        if seen == 1 {
          begin(newHigh, newLow)
          seen = 2
        }
        output[i] = advance(newHigh, newLow)
      }
      (previousHigh, previousLow) = (newHigh, newLow)
    }
  }

  private func begin(_ newHigh: Double, _ newLow: Double) {
    let (up, down) = (newHigh - previousHigh, previousLow - newLow)
    isLong = !(down > 0 && up < down)
    extreme = isLong ? newHigh : newLow
    stop = isLong ? previousLow : previousHigh
    factor = acceleration
    // TA-Lib lets the second bar count as its own predecessor.
    (previousHigh, previousLow) = (newHigh, newLow)
  }

  @inline(__always)
  private func advance(_ newHigh: Double, _ newLow: Double) -> Double {
    let result: Double
    if isLong {
      if newLow <= stop {
        isLong = false
        stop = max(extreme, previousHigh, newHigh)
        result = stop
        factor = acceleration
        extreme = newLow
        stop = max(stop + factor * (extreme - stop), previousHigh, newHigh)
      } else {
        result = stop
        if newHigh > extreme {
          extreme = newHigh
          factor = min(factor + acceleration, maximum)
        }
        stop = min(stop + factor * (extreme - stop), previousLow, newLow)
      }
    } else {
      if newHigh >= stop {
        isLong = true
        stop = min(extreme, previousLow, newLow)
        result = stop
        factor = acceleration
        extreme = newHigh
        stop = min(stop + factor * (extreme - stop), previousLow, newLow)
      } else {
        result = stop
        if newLow < extreme {
          extreme = newLow
          factor = min(factor + acceleration, maximum)
        }
        stop = max(stop + factor * (extreme - stop), previousHigh, newHigh)
      }
    }
    return result
  }
}

extension Graph {
  /// Number of bars after which two parabolic stops with different pasts are taken to have met: they agree for good
  /// once both have reversed on the same bar with the same extreme.
  static let parabolicMemory = 500

  /// Parabolic stop and reverse for each bar.
  func parabolicStop(high: Lane, low: Lane, acceleration: Double, maximum: Double) -> Lane {
    shared("sar(\(high.id),\(low.id),\(acceleration),\(maximum))") {
      let out = lane(after: high, low, warmUp: 1, memory: Graph.parabolicMemory)
      add(ParabolicStopNode(high: high, low: low, out, acceleration: acceleration, maximum: maximum), out)
      return out
    }
  }
}
