import Compute
import Trees

/// One grown tree: its tests and the values of its leaves.
struct ObliviousTree: Sendable, Equatable {
  var structure: TreeStructure
  /// (outputs, leaves), the learning rate applied.
  var values: [Double]
  /// Σ row weights of each leaf.
  var weights: [Double]
  /// Training rows of each leaf.
  var counts: [Int32]

  /// Number of leaves.
  var leafCount: Int { structure.leafCount }
  /// The tests of levels or inner nodes.
  var splits: [ObliviousSplit] { structure.splits }

  /// The tree of one output as ordinary nodes, level by level.
  ///
  /// - Parameter test: makes an inner node of a level's test.
  func nodes(output: Int, test: (ObliviousSplit) -> TreeNode) -> [TreeNode] {
    structure.splitLeaves == nil
      ? levelNodes(output: output, test: test) : branchNodes(output: output, test: test)
  }

  /// The last level's test is the root, and so the highest bit of a leaf's number, as CatBoost reads the tree when it draws
  /// and explains it.
  private func levelNodes(output: Int, test: (ObliviousSplit) -> TreeNode) -> [TreeNode] {
    let depth = splits.count
    var nodes: [TreeNode] = []
    var level = (0..<leafCount).map { leaf in
      (value: values[output * leafCount + leaf], weight: weights[leaf], count: counts[leaf])
    }
    var levels = [level]
    for d in stride(from: depth - 1, through: 0, by: -1) {
      level = (0..<1 << d).map { index in
        let (a, b) = (level[2 * index], level[2 * index + 1])
        let weight = a.weight + b.weight
        let value = weight > 0 ? (a.value * a.weight + b.value * b.weight) / weight : 0
        return (value, weight, a.count + b.count)
      }
      levels.append(level)
    }
    levels.reverse()
    for (d, entries) in levels.enumerated() {
      for (index, entry) in entries.enumerated() {
        if d == depth {
          nodes.append(TreeNode(exactValue: entry.value, cover: Float(entry.weight), count: entry.count))
          continue
        }
        var node = test(splits[depth - 1 - d])
        let first = (1 << (d + 1)) - 1
        node.left = Int32(first + 2 * index)
        node.right = Int32(first + 2 * index + 1)
        node.value = Float(entry.value)
        node.cover = Float(entry.weight)
        node.count = entry.count
        let (a, b) = (levels[d + 1][2 * index], levels[d + 1][2 * index + 1])
        node.gain = Float(
          a.weight * a.value * a.value + b.weight * b.value * b.value
            - entry.weight * entry.value * entry.value)
        nodes.append(node)
      }
    }
    return nodes
  }
}
