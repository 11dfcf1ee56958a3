/// The value of `length` rows ago.
final class DelayNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let ring: Storage<Double>
  private var position = 0

  init(_ input: Lane, _ output: Lane, length: Int) {
    self.input = input.values
    self.output = output.values
    ring = Storage(length, repeating: .nan)
    super.init(clock: input.clock, skip: input.warmUp)
  }

  override func clear() {
    for j in 0..<ring.count { ring.start[j] = .nan }
    position = 0
  }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    let (x, out, ring, length) = (input, output, ring.start, ring.count)
    var i = start
    while i < end {
      let take = min(end - i, length - position)
      for k in 0..<take {
        out[i + k] = ring[position + k]
        ring[position + k] = x[i + k]
      }
      position = position + take == length ? 0 : position + take
      i += take
    }
  }
}

extension Graph {
  /// `x` of `length` rows ago.
  func delay(_ x: Lane, _ length: Int) -> Lane {
    shared("delay(\(x.id),\(length))") {
      let out = lane(after: x, warmUp: x.warmUp + length, memory: x.memory + length)
      add(DelayNode(x, out, length: length), out)
      return out
    }
  }

  /// x / (x of `length` rows ago).
  func growth(_ x: Lane, _ length: Int) -> Lane { quotient(x, delay(x, length)) }
}
