/// Linearly weighted mean of the last `length` values, the newest weighing most.
///
/// Segments as in ``SegmentRing``: a part carries its sum and its weighted sum, and a later part that follows a
/// values adds a times its sum.
final class RollingWeightedNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private var sum = 0.0
  private var weighted = 0.0
  private var ring: SegmentRing

  init(_ input: Lane, _ output: Lane, length: Int) {
    self.input = input.values
    self.output = output.values
    ring = SegmentRing(length, empty: 0)
    super.init(clock: input.clock, skip: input.warmUp)
  }

  override func clear() {
    ring.clear()
    (sum, weighted) = (0, 0)
  }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    let (x, out, slots, length) = (input, output, ring.slots, ring.length)
    let scale = 2 / (Double(length) * Double(length + 1))
    var (sum, weighted, position) = (sum, weighted, ring.position)
    for i in start..<end {
      let value = x[i]
      slots[position] = value
      position += 1
      sum += value
      weighted += value * Double(position)
      out[i] = (slots[position] + weighted + Double(length - position) * sum) * scale
      if position == length {
        var (total, part) = (0.0, 0.0)
        for j in stride(from: length - 1, through: 0, by: -1) {
          total += slots[j]
          part += total
          slots[j] = part
        }
        (sum, weighted) = (0, 0)
        position = 0
      }
    }
    (self.sum, self.weighted) = (sum, weighted)
    ring.position = position
  }
}

extension Graph {
  /// Linearly weighted moving average.
  func wma(_ x: Lane, _ length: Int) -> Lane {
    shared("wma(\(x.id),\(length))") {
      let out = lane(after: x, warmUp: x.warmUp + length - 1, memory: x.memory + length - 1)
      add(RollingWeightedNode(x, out, length: length), out)
      return out
    }
  }
}
