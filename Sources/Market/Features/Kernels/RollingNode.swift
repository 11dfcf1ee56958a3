/// A node whose rows follow one another: it passes over the warm-up rows of its inputs, then steps through the rest.
class RollingNode: Node {
  private let skip: Int
  private var seen = 0

  init(clock: Int, skip: Int) {
    self.skip = skip
    super.init(clock: clock)
  }

  /// Forgets everything; subclasses clear their own state in `clear`.
  final override func reset() {
    seen = 0
    clear()
  }

  final override func run(_ count: Int) {
    var start = 0
    if seen < skip {
      start = min(count, skip - seen)
      seen += start
      pass(start)
    }
    if start < count { step(start, count) }
  }

  /// Clears the state of the subclass.
  func clear() {}

  /// Marks the first `count` rows of the block as unknown.
  func pass(_ count: Int) {}

  /// Processes rows `start..<end` of the block.
  func step(_ start: Int, _ end: Int) {}
}

/// Writes NaN into the first rows of a lane.
@inline(__always)
func fillUnknown(_ values: UnsafeMutablePointer<Double>, _ count: Int) {
  for i in 0..<count { values[i] = .nan }
}
