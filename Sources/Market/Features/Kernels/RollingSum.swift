/// The sum of the last `length` values without ever subtracting.
///
/// Segments as in ``SegmentRing``: a sum of non-negative values cannot turn negative, the error does not grow with time,
/// and a huge value leaves no trace once it has left the window.
final class RollingSumNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private var prefix = 0.0
  private var ring: SegmentRing

  init(_ input: Lane, _ output: Lane, length: Int) {
    self.input = input.values
    self.output = output.values
    ring = SegmentRing(length, empty: 0)
    super.init(clock: input.clock, skip: input.warmUp)
  }

  override func clear() {
    ring.clear()
    prefix = 0
  }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    let (x, out, slots, length) = (input, output, ring.slots, ring.length)
    var (running, position) = (prefix, ring.position)
    var i = start
    while i < end {
      let take = min(end - i, length - position)
      let head = slots + position
      for k in 0..<take {
        let value = x[i + k]
        running += value
        head[k] = value
        out[i + k] = running + head[k + 1]
      }
      position += take
      i += take
      if position == length {
        var sum = 0.0
        for j in stride(from: length - 1, through: 0, by: -1) {
          sum += slots[j]
          slots[j] = sum
        }
        (running, position) = (0, 0)
      }
    }
    prefix = running
    ring.position = position
  }
}

extension Graph {
  /// Σ of the last `length` rows of `x`.
  func sum(_ x: Lane, _ length: Int) -> Lane {
    shared("sum(\(x.id),\(length))") {
      let out = lane(after: x, warmUp: x.warmUp + length - 1, memory: x.memory + length - 1)
      add(RollingSumNode(x, out, length: length), out)
      return out
    }
  }

  /// Arithmetic mean of the last `length` rows of `x`.
  func mean(_ x: Lane, _ length: Int) -> Lane {
    let count = Double(length)
    return map("over\(length)", sum(x, length)) { each($0) { $0 / count } }
  }
}
