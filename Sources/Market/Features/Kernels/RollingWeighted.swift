/// Linearly weighted mean of the last `length` values, the newest weighing most.
///
/// Segments as in ``RollingSumNode``: a part carries its sum and its weighted sum, and a later part that follows a
/// values adds a times its sum.
final class RollingWeightedNode: RollingNode {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let length: Int
  private let raw: Storage<Double>
  private let suffix: Storage<Double>
  private var sum = 0.0
  private var weighted = 0.0
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
    for j in 0..<length { suffix.start[j] = .nan }
    suffix.start[length] = 0
    (sum, weighted) = (0, 0)
    position = 0
  }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    let (raw, suffix) = (raw.start, suffix.start)
    let scale = 2 / (Double(length) * Double(length + 1))
    for i in start..<end {
      let value = input[i]
      raw[position] = value
      position += 1
      sum += value
      weighted += value * Double(position)
      output[i] = (suffix[position] + weighted + Double(length - position) * sum) * scale
      if position == length {
        var (total, part) = (0.0, 0.0)
        for j in stride(from: length - 1, through: 0, by: -1) {
          total += raw[j]
          part += total
          suffix[j] = part
        }
        (sum, weighted) = (0, 0)
        position = 0
      }
    }
  }
}

extension Graph {
  /// Linearly weighted moving average.
  func wma(_ x: Lane, _ length: Int) -> Lane {
    shared("wma(\(x.id),\(length))") {
      let out = lane(clock: x.clock, warmUp: x.warmUp + length - 1, memory: x.memory + length - 1)
      add(RollingWeightedNode(x, out, length: length))
      return out
    }
  }
}
