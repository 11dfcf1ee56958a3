/// Values of one quantity for the bars of the block in work, with what is known of them statically.
struct Lane {
  /// Values, one for each bar of a block.
  let values: UnsafeMutablePointer<Double>
  /// Identity within the graph.
  let id: Int
  /// The bar clock that the values follow: 0 is the base interval, others are higher timeframes.
  let clock: Int
  /// Number of rows after a reset that are NaN.
  let warmUp: Int
  /// Number of bars of its clock that determine a value, itself included.
  let memory: Int
  /// Number of nodes on the longest path from the inputs.
  let depth: Int
}

/// One streaming computation with bounded state. A block of one bar is the streaming update; longer blocks run the
/// very same code, so batch and stream agree bit for bit.
///
/// A node passes over the warm-up rows of its inputs, then steps through the rest.
class Node {
  /// The bar clock whose rows this node processes.
  let clock: Int
  /// Rows to pass over before the next one counts.
  private(set) final var waiting: Int
  private let skip: Int

  init(clock: Int, skip: Int = 0) {
    self.clock = clock
    self.skip = skip
    waiting = skip
  }

  /// Forgets everything; subclasses clear their own state in `clear`.
  final func reset() {
    waiting = skip
    clear()
  }

  /// Processes the next `count` bars, at most a block.
  @inline(__always)
  final func run(_ count: Int) {
    if waiting == 0 { step(0, count) } else { begin(count) }
  }

  private final func begin(_ count: Int) {
    let passed = min(count, waiting)
    waiting -= passed
    pass(passed)
    if passed < count { step(passed, count) }
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
