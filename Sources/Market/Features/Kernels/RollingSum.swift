/// The sum of the last `length` values without ever subtracting.
///
/// Time is cut into segments of `length` bars. A window is the tail of the previous segment, whose suffix sums were
/// taken when it ended, and the head of the current one, a running prefix sum (van Herk 1992, Gil & Werman 1993).
/// So the cost is constant, a sum of non-negative values cannot turn negative, the error does not grow with time,
/// and a huge value leaves no trace once it has left the window.
final class RollingSumNode: RollingNode {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let length: Int
  private let raw: Storage<Double>
  private let suffix: Storage<Double>
  private var prefix = 0.0
  private var position = 0

  init(_ input: Lane, _ output: Lane, length: Int) {
    self.input = input.values
    self.output = output.values
    self.length = length
    raw = Storage(length, repeating: 0)
    suffix = Storage(length + 1, repeating: .nan)
    super.init(clock: input.clock, skip: input.warmUp)
    clear()
  }

  override func clear() {
    // NaN suffixes make the output unknown until the first window is full.
    for j in 0..<length { suffix.start[j] = .nan }
    suffix.start[length] = 0
    prefix = 0
    position = 0
  }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    let (x, out, raw, suffix) = (input, output, raw.start, suffix.start)
    var i = start
    while i < end {
      let take = min(end - i, length - position)
      var running = prefix
      let head = raw + position
      for k in 0..<take {
        let value = x[i + k]
        running += value
        head[k] = value
        out[i + k] = running
      }
      let tail = suffix + (position + 1)
      for k in 0..<take { out[i + k] += tail[k] }
      prefix = running
      position += take
      i += take
      if position == length {
        var sum = 0.0
        for j in stride(from: length - 1, through: 0, by: -1) {
          sum += raw[j]
          suffix[j] = sum
        }
        prefix = 0
        position = 0
      }
    }
  }
}

extension Graph {
  /// Σ of the last `length` rows of `x`.
  func sum(_ x: Lane, _ length: Int) -> Lane {
    shared("sum(\(x.id),\(length))") {
      let out = lane(clock: x.clock, warmUp: x.warmUp + length - 1, memory: x.memory + length - 1)
      add(RollingSumNode(x, out, length: length))
      return out
    }
  }

  /// Arithmetic mean of the last `length` rows of `x`.
  func mean(_ x: Lane, _ length: Int) -> Lane {
    let count = Double(length)
    return map("over\(length)", sum(x, length)) { each($0) { $0 / count } }
  }
}
