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
      if position == 0 {
        while end - i >= 4 * length {
          sumFourSegments(i)
          i += 4 * length
        }
      }
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

  /// Sums four whole segments from row `i` on side by side: each is a chain of additions in which one waits for another.
  private func sumFourSegments(_ i: Int) {
    let (slots, length) = (ring.slots, ring.length)
    let (x0, y0) = (input + i, output + i)
    let (x1, x2, x3) = (x0 + length, x0 + 2 * length, x0 + 3 * length)
    let (y1, y2, y3) = (y0 + length, y0 + 2 * length, y0 + 3 * length)
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    for k in 0..<length {
      a += x0[k]
      b += x1[k]
      c += x2[k]
      d += x3[k]
      y0[k] = a + slots[k + 1]
      y1[k] = b
      y2[k] = c
      y3[k] = d
    }
    (a, b, c, d) = (0, 0, 0, 0)
    // The last row of a segment adds the empty suffix, which turns −0 into 0.
    y1[length - 1] += 0
    y2[length - 1] += 0
    y3[length - 1] += 0
    for k in stride(from: length - 1, to: 0, by: -1) {
      a += x0[k]
      b += x1[k]
      c += x2[k]
      d += x3[k]
      y1[k - 1] += a
      y2[k - 1] += b
      y3[k - 1] += c
      slots[k] = d
    }
    slots[0] = d + x3[0]
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
