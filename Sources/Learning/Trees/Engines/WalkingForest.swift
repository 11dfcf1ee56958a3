/// A node as prediction reads it: 16 bytes, siblings adjacent.
///
/// A row at an inner node goes to `left + 1` if `x >= threshold`, else to `left`; a leaf points to itself with
/// a test that never fires, so that a group of rows can take the same number of steps without a branch.
struct WalkingNode: Sendable {
  /// Rows with `x >= threshold` go right; NaN for a leaf, which none passes.
  var threshold: Float
  /// Feature in the low 31 bits; the top bit says that a missing value goes right.
  var featureAndMissing: UInt32
  /// Left child, the right one follows; a leaf points to itself.
  var left: Int32
  /// Leaf value.
  var value: Float
}

/// The trees of a forest in breadth-first order, walked over the features themselves: for trees of any size, and for few
/// trees, where coding the features would not pay.
struct WalkingForest: Sendable {
  var nodes: [WalkingNode]
  var roots: [Int32]
  /// Steps from the root to the deepest leaf of each tree.
  var depths: [Int32]
  let outputs: Int

  init(nodes source: ForestNodes, outputs: Int) {
    self.outputs = outputs
    let trees = source.treeOffsets.count - 1
    nodes = []
    nodes.reserveCapacity(source.splitFeature.count)
    roots = []
    depths = []
    var queue: [(node: Int, depth: Int32)] = []
    for tree in 0..<trees {
      let start = Int(source.treeOffsets[tree])
      let base = nodes.count
      queue.removeAll(keepingCapacity: true)
      queue.append((start, 0))
      var head = 0
      var depth: Int32 = 0
      while head < queue.count {
        let (node, level) = queue[head]
        let own = Int32(base + head)
        head += 1
        depth = max(depth, level)
        if source.splitFeature[node] < 0 {
          nodes.append(
            WalkingNode(threshold: .nan, featureAndMissing: 0, left: own, value: source.value[node]))
          continue
        }
        let missing: UInt32 = source.defaultLeft[node] != 0 ? 0 : 1 << 31
        nodes.append(
          WalkingNode(
            threshold: source.threshold[node],
            featureAndMissing: UInt32(source.splitFeature[node]) | missing,
            left: Int32(base + queue.count), value: source.value[node]))
        queue.append((start + Int(source.leftChild[node]), level + 1))
        queue.append((start + Int(source.rightChild[node]), level + 1))
      }
      roots.append(Int32(base))
      depths.append(depth)
    }
  }
}
