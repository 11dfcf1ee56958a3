import Market

/// The computation behind a schema: nodes in an order in which every node follows its inputs.
///
/// Building memoises by key, so that a true range or a logarithm that many features need is computed once.
final class Graph {
  /// Bars that a history is processed by at once: enough to spread the cost of starting a node, few enough for the
  /// lanes in use to stay in the caches.
  static let batchLength = 256

  let interval: Interval
  /// Bars that are processed at once at most.
  let blockLength: Int
  /// Number of bars of each clock in the block in work.
  let counts = Storage<Int>(8, repeating: 0)
  /// Close time of each base bar of the block.
  let closeTime: Storage<Int64>
  /// Where blocks of more than one bar write their rows.
  let target: Storage<RowTarget>
  private(set) var nodes: ContiguousArray<Node> = []
  private(set) var clocks: [Int64]
  private let nowhere: Storage<Float>
  private var places: [NodePlace] = []
  private var program = Storage<ProgramStep>(0, repeating: ProgramStep(node: nil, clock: 0))
  private var length = 0
  private var slabs: [Storage<Double>] = []
  private var lanes = 0
  private var memo: [String: [Lane]] = [:]

  init(interval: Interval, blockLength: Int) {
    self.interval = interval
    self.blockLength = blockLength
    clocks = [interval.milliseconds]
    closeTime = Storage(blockLength, repeating: 0)
    nowhere = Storage(1, repeating: 0)
    target = Storage(1, repeating: RowTarget(base: nowhere.start, height: 0))
  }

  /// A new lane, filled with NaN until a node writes it.
  func lane(clock: Int, warmUp: Int, memory: Int, depth: Int) -> Lane {
    // Lanes of one bar lie side by side. The padding of longer ones keeps their starts off the same cache sets.
    let stride = blockLength == 1 ? 1 : blockLength + 8
    let perSlab = max(1, 4_096 / stride)
    if lanes % perSlab == 0 { slabs.append(Storage(perSlab * stride, repeating: .nan)) }
    defer { lanes += 1 }
    return Lane(
      values: slabs[slabs.count - 1].start + lanes % perSlab * stride, id: lanes, clock: clock,
      warmUp: warmUp,
      memory: memory, depth: depth)
  }

  /// A new lane that is computed from others of one clock.
  func lane(after inputs: Lane..., warmUp: Int, memory: Int) -> Lane {
    lane(
      clock: inputs[0].clock, warmUp: warmUp, memory: memory, depth: 1 + (inputs.map(\.depth).max() ?? 0))
  }

  /// Adds the node that computes `output`, and maybe other lanes of the same depth.
  /// - Parameter kind: tells what code the node runs.
  func add(_ node: Node, _ output: Lane, kind: String? = nil) {
    places.append(
      NodePlace(depth: output.depth, clock: node.clock, kind: kind ?? "\(type(of: node))", index: nodes.count)
    )
    nodes.append(node)
  }

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

  /// Settles the order of the nodes once all are there.
  ///
  /// Long blocks run a node right behind those it reads, whose lanes are still in the cache. Single bars, for which a
  /// node costs more to reach than to run, go by depth and run nodes of the same code one after another.
  func arrange() {
    let order = blockLength == 1 ? places.sorted().map(\.index) : Array(nodes.indices)
    program = Storage(order.count, repeating: ProgramStep(node: nil, clock: 0))
    for (place, index) in order.enumerated() {
      program.start[place] = ProgramStep(node: .passUnretained(nodes[index]), clock: nodes[index].clock)
    }
    length = order.count
    memo = [:]
  }

  /// Forgets all state.
  func reset() { for node in nodes { node.reset() } }

  /// Runs all nodes over the block whose input lanes and counts are filled.
  func run(_ count: Int) {
    let (counts, program) = (counts.start, program.start)
    counts[0] = count
    for place in 0..<length {
      let step = program[place]
      let count = counts[step.clock]
      if count > 0 { step.node?._withUnsafeGuaranteedRef { $0.run(count) } }
    }
  }
}

/// A node of the program without the counting of references; the graph holds the node.
private struct ProgramStep {
  let node: Unmanaged<Node>?
  let clock: Int
}

/// Where a node belongs when single bars are processed.
private struct NodePlace: Comparable {
  let depth: Int
  let clock: Int
  let kind: String
  let index: Int

  static func < (a: NodePlace, b: NodePlace) -> Bool {
    (a.depth, a.clock, a.kind, a.index) < (b.depth, b.clock, b.kind, b.index)
  }
}
