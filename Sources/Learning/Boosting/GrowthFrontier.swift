/// Leaves that can still be split, the one to split next first: a binary heap.
struct GrowthFrontier {
  private let policy: BoostingConfiguration.GrowPolicy
  private var heap: [(key: Double, node: Int)] = []

  init(policy: BoostingConfiguration.GrowPolicy) { self.policy = policy }

  mutating func reserve(leaves: Int) { heap.reserveCapacity(leaves) }

  /// Adds a leaf; depth-wise growth takes the shallowest, loss-guided growth the largest gain, ties the older node.
  mutating func push(node: Int, depth: Int, gain: Double) {
    heap.append((policy == .depthwise ? -Double(depth) : gain, node))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard precedes(child, parent) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes the leaf to split next.
  mutating func pop() -> Int? {
    guard let top = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return top.node }
    heap[0] = last
    var parent = 0
    while true {
      var first = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, first) {
        first = child
      }
      if first == parent { return top.node }
      heap.swapAt(first, parent)
      parent = first
    }
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    heap[a].key != heap[b].key ? heap[a].key > heap[b].key : heap[a].node < heap[b].node
  }
}
