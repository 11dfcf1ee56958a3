/// The shape of one tree: its inner nodes in the order root, left subtree, right subtree, and its leaves from left to right.
struct TreeOutline {
  /// An inner node and the leaves below it.
  struct Inner {
    /// Number among the source's nodes.
    var node: Int
    /// First leaf below it, and first leaf below its right child.
    var first: Int
    var right: Int
  }

  private(set) var inner: [Inner] = []
  /// Leaves as numbers among the source's nodes.
  private(set) var leaves: [Int] = []
  /// Steps from the root to the deepest leaf.
  private(set) var depth = 0
  /// Sum over the leaves of their depths.
  private(set) var totalDepth = 0

  private var stack: [(node: Int, depth: Int, parent: Int)] = []

  /// Reads one tree in place of the last one.
  mutating func read(_ source: ForestNodes, tree: Int) {
    inner.removeAll(keepingCapacity: true)
    leaves.removeAll(keepingCapacity: true)
    depth = 0
    totalDepth = 0
    let start = Int(source.treeOffsets[tree])
    stack.append((start, 0, -1))
    while let (node, level, parent) = stack.popLast() {
      if parent >= 0 { inner[parent].right = leaves.count }
      if source.splitFeature[node] < 0 {
        leaves.append(node)
        depth = max(depth, level)
        totalDepth += level
        continue
      }
      stack.append((start + Int(source.rightChild[node]), level + 1, inner.count))
      stack.append((start + Int(source.leftChild[node]), level + 1, -1))
      inner.append(Inner(node: node, first: leaves.count, right: 0))
    }
  }

  /// The tests of the levels from the root on if the tree is symmetric: complete, with one test for each level.
  func levels(_ tests: [FeatureCodes.Test]) -> [FeatureCodes.Test]? {
    guard depth < Int.bitWidth - 2, leaves.count == 1 << depth, totalDepth == depth * leaves.count else {
      return nil
    }
    // In this order the first nodes are those of the leftmost path.
    let levels = (0..<depth).map { tests[inner[$0].node] }
    var at = 0
    return isSymmetric(&at, level: 0, levels, tests) ? levels : nil
  }

  private func isSymmetric(
    _ at: inout Int, level: Int, _ levels: [FeatureCodes.Test], _ tests: [FeatureCodes.Test]
  ) -> Bool {
    if level == levels.count { return true }
    guard tests[inner[at].node] == levels[level] else { return false }
    at += 1
    return isSymmetric(&at, level: level + 1, levels, tests)
      && isSymmetric(&at, level: level + 1, levels, tests)
  }
}
