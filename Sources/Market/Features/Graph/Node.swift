/// Values of one quantity for the bars of the block in work, with what is known of them statically.
struct Lane {
  /// Values, `Graph.blockLength` of them.
  let values: UnsafeMutablePointer<Double>
  /// Identity within the graph.
  let id: Int
  /// The bar clock that the values follow: 0 is the base interval, others are higher timeframes.
  let clock: Int
  /// Number of rows after a reset that are NaN.
  let warmUp: Int
  /// Number of bars of its clock that determine a value, itself included.
  let memory: Int
}

/// One streaming computation with bounded state. A block of one bar is the streaming update; longer blocks run the
/// very same code, so batch and stream agree bit for bit.
class Node {
  /// The bar clock whose rows this node processes.
  let clock: Int

  init(clock: Int) { self.clock = clock }

  /// Forgets everything.
  func reset() {}

  /// Processes the next `count` bars, at most `Graph.blockLength`.
  func run(_ count: Int) {}
}

/// Memory of fixed size that a node owns for its lifetime.
final class Storage<Element> {
  let start: UnsafeMutablePointer<Element>
  let count: Int

  init(_ count: Int, repeating value: Element) {
    self.count = count
    start = .allocate(capacity: max(1, count))
    start.initialize(repeating: value, count: max(1, count))
  }

  deinit {
    start.deinitialize(count: max(1, count))
    start.deallocate()
  }
}
