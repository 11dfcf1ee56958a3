import Market

/// The computation of a set of features: lanes that hold the block in work, and the nodes that fill them in order.
///
/// Building memoises by key, so that a true range or a logarithm that many features need is computed once.
final class Graph {
  /// Bars processed at once. 256 doubles of every lane together stay inside the second-level cache.
  static let blockLength = 256

  let interval: Interval
  /// Number of bars of each clock in the block in work.
  let counts = Storage<Int>(8, repeating: 0)
  /// Close time of each base bar of the block.
  let closeTime = Storage<Int64>(Graph.blockLength, repeating: 0)
  private(set) var nodes: ContiguousArray<Node> = []
  private(set) var clocks: [Int64]
  private var buffers: [Storage<Double>] = []
  private var memo: [String: [Lane]] = [:]

  init(interval: Interval) {
    self.interval = interval
    clocks = [interval.milliseconds]
  }

  /// A new lane, filled with NaN until a node writes it.
  func lane(clock: Int, warmUp: Int, memory: Int) -> Lane {
    let buffer = Storage<Double>(Graph.blockLength, repeating: .nan)
    buffers.append(buffer)
    return Lane(values: buffer.start, id: buffers.count - 1, clock: clock, warmUp: warmUp, memory: memory)
  }

  /// Adds a node behind those that are there.
  func add(_ node: Node) { nodes.append(node) }

  /// A new bar clock of the given length.
  func addClock(milliseconds: Int64) -> Int {
    clocks.append(milliseconds)
    return clocks.count - 1
  }

  /// The lanes of `key`, made by `make` on the first request.
  func shared(_ key: String, _ make: () -> [Lane]) -> [Lane] {
    if let known = memo[key] { return known }
    let made = make()
    memo[key] = made
    return made
  }

  /// The lane of `key`, made by `make` on the first request.
  func shared(_ key: String, _ make: () -> Lane) -> Lane {
    if let known = memo[key]?.first { return known }
    let made = make()
    memo[key] = [made]
    return made
  }

  /// Forgets all state.
  func reset() { for node in nodes { node.reset() } }

  /// Runs all nodes over the block whose input lanes and counts are filled.
  func run(_ count: Int) {
    counts.start[0] = count
    nodes.withUnsafeBufferPointer { nodes in
      for node in nodes {
        let count = counts.start[node.clock]
        if count > 0 { node.run(count) }
      }
    }
  }
}
