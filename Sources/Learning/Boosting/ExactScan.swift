/// One pass over a sorted column that tries every midpoint in every node of a level.
struct ExactScan {
  /// What a pass knows of a node.
  struct Node {
    var sums: SIMD2<Double>
    var bounds: NodeSums
    var gain: Float
  }

  let feature: Int
  let column: [Float]
  /// Rows with a value, by increasing value.
  let order: [Int32]
  /// (nodes of the level): whether the node may use the feature.
  let isOpen: [Bool]
  /// Sign of the feature's effect, 0 for any.
  let direction: Int

  /// Whether all values are the same.
  var isIndicator: Bool {
    guard let first = order.first, let last = order.last else { return true }
    return column[Int(first)] == column[Int(last)]
  }

  /// Goes upwards with missing rows on the right, or downwards with missing rows on the left.
  ///
  /// - Parameters:
  ///   - position: node of each row, -1 for none.
  ///   - slots: place of each node in the level, -1 for none.
  ///   - best: the best split of each node of the level so far; a later one must be strictly better.
  func run(
    isForward: Bool, nodes: [Node], position: [Int32], slots: [Int32],
    derivatives: UnsafePointer<SIMD2<Float>>, search: SplitSearch,
    best: UnsafeMutableBufferPointer<ExactGrower.Candidate>
  ) {
    var sums = [SIMD2<Double>](repeating: .zero, count: nodes.count)
    var last = [Float](repeating: 0, count: nodes.count)
    func consider(_ slot: Int, threshold: Float) {
      let own = sums[slot]
      let other = nodes[slot].sums - own
      guard own.y >= search.minChildWeight, other.y >= search.minChildWeight, own.y > 0, other.y > 0 else {
        return
      }
      let left = isForward ? own : other
      let right = isForward ? other : own
      let saved = search.splitGain(
        SplitSide(gradient: left.x, hessian: left.y), SplitSide(gradient: right.x, hessian: right.y),
        nodes[slot].bounds, direction: direction)
      let loss = Float(saved - Double(nodes[slot].gain))
      if loss > best[slot].loss {
        best[slot] = ExactGrower.Candidate(
          loss: loss, feature: Int32(feature), threshold: threshold, missingLeft: !isForward, left: left)
      }
    }
    for i in order.indices {
      let row = Int(order[isForward ? i : order.count - 1 - i])
      let node = position[row]
      if node < 0 { continue }
      let slot = Int(slots[Int(node)])
      if slot < 0 || !isOpen[slot] { continue }
      let x = column[row]
      if sums[slot].y > 0, x != last[slot] {
        let middle = (x + last[slot]) * 0.5
        // A midpoint that rounds to the lower value would not send it left.
        let lower = isForward ? last[slot] : x
        consider(slot, threshold: middle == lower ? (isForward ? x : last[slot]) : middle)
      }
      sums[slot] += SIMD2<Double>(derivatives[row])
      last[slot] = x
    }
    // All present rows against the missing ones.
    for slot in nodes.indices where isOpen[slot] && sums[slot].y > 0 {
      let gap = abs(last[slot]) + 1e-6
      consider(slot, threshold: isForward ? last[slot] + gap : last[slot] - gap)
    }
  }
}
