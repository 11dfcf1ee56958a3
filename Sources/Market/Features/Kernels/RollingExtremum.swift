/// The largest or smallest of the last `length` values in constant time, in segments as in ``SegmentRing``.
final class RollingExtremumNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let sign: Double
  private var prefix = -Double.infinity
  private var ring: SegmentRing

  init(_ input: Lane, _ output: Lane, length: Int, largest: Bool) {
    self.input = input.values
    self.output = output.values
    sign = largest ? 1 : -1
    ring = SegmentRing(length, empty: -.infinity)
    super.init(clock: input.clock, skip: input.warmUp)
  }

  override func clear() {
    ring.clear()
    prefix = -.infinity
  }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    let (x, out, slots, length, sign) = (input, output, ring.slots, ring.length, sign)
    var (running, position) = (prefix, ring.position)
    var i = start
    while i < end {
      let take = min(end - i, length - position)
      let head = slots + position
      for k in 0..<take {
        let value = sign * x[i + k]
        running = value > running ? value : running
        head[k] = value
        let tail = head[k + 1]
        // Negated, so that an unknown suffix makes the result unknown.
        out[i + k] = sign * (!(tail <= running) ? tail : running)
      }
      position += take
      i += take
      if position == length {
        var extreme = -Double.infinity
        for j in stride(from: length - 1, through: 0, by: -1) {
          extreme = slots[j] > extreme ? slots[j] : extreme
          slots[j] = extreme
        }
        (running, position) = (-.infinity, 0)
      }
    }
    prefix = running
    ring.position = position
  }
}

/// How many bars ago the largest or smallest of the last `length` values was; the latest of equals counts.
final class RollingExtremumAgeNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let length: Int
  private let sign: Double
  private let raw: Storage<Double>
  private let suffix: Storage<Double>
  private let suffixIndex: Storage<Int>
  private var prefix = -Double.infinity
  private var prefixIndex = 0
  private var position = 0

  init(_ input: Lane, _ output: Lane, length: Int, largest: Bool) {
    self.input = input.values
    self.output = output.values
    self.length = length
    sign = largest ? 1 : -1
    raw = Storage(length, repeating: 0)
    suffix = Storage(length + 1, repeating: .nan)
    suffixIndex = Storage(length + 1, repeating: 0)
    super.init(clock: input.clock, skip: input.warmUp)
    clear()
  }

  override func clear() {
    for j in 0..<length { suffix.start[j] = .nan }
    suffix.start[length] = -.infinity
    prefix = -.infinity
    position = 0
  }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    let (raw, suffix, suffixIndex) = (raw.start, suffix.start, suffixIndex.start)
    for i in start..<end {
      let value = sign * input[i]
      raw[position] = value
      if value >= prefix {
        prefix = value
        prefixIndex = position
      }
      let tail = suffix[position + 1]
      if tail.isNaN {
        output[i] = .nan
      } else if tail > prefix {
        output[i] = Double(position + length - suffixIndex[position + 1])
      } else {
        output[i] = Double(position - prefixIndex)
      }
      position += 1
      if position == length {
        var (extreme, index) = (-Double.infinity, length)
        for j in stride(from: length - 1, through: 0, by: -1) {
          if raw[j] > extreme { (extreme, index) = (raw[j], j) }
          suffix[j] = extreme
          suffixIndex[j] = index
        }
        prefix = -.infinity
        position = 0
      }
    }
  }
}

extension Graph {
  /// Largest of the last `length` rows.
  func maximum(_ x: Lane, _ length: Int) -> Lane { extremum(x, length, largest: true) }

  /// Smallest of the last `length` rows.
  func minimum(_ x: Lane, _ length: Int) -> Lane { extremum(x, length, largest: false) }

  private func extremum(_ x: Lane, _ length: Int, largest: Bool) -> Lane {
    shared("\(largest ? "max" : "min")(\(x.id),\(length))") {
      let out = lane(after: x, warmUp: x.warmUp + length - 1, memory: x.memory + length - 1)
      add(RollingExtremumNode(x, out, length: length, largest: largest), out)
      return out
    }
  }

  /// Bars since the extreme of the last `length` rows, 0 … length − 1; the latest of equals counts.
  func extremumAge(_ x: Lane, _ length: Int, largest: Bool) -> Lane {
    shared("\(largest ? "max" : "min")Age(\(x.id),\(length))") {
      let out = lane(after: x, warmUp: x.warmUp + length - 1, memory: x.memory + length - 1)
      add(RollingExtremumAgeNode(x, out, length: length, largest: largest), out)
      return out
    }
  }
}
