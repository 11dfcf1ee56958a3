import Compute
import Trees

/// Small random forests with features that repeat along a path, uneven covers and nodes that no row reached.
enum RandomForests {
  static func make(
    _ random: inout Philox, trees: Int, features: Int, outputs: Int = 1, splits: Int = 9
  ) throws -> Forest {
    var nodes = ForestNodes()
    for _ in 0..<trees {
      var tree = [TreeNode(value: Float(random.normal()), cover: 64, count: 64)]
      for _ in 0..<random.integer(below: splits + 1) {
        let leaves = tree.indices.filter { tree[$0].isLeaf }
        let leaf = leaves[random.integer(below: leaves.count)]
        let weight = Int(tree[leaf].count)
        let share = random.integer(below: weight + 1)
        tree[leaf].feature = Int32(random.integer(below: features))
        tree[leaf].threshold = Float(random.integer(below: 5)) - 2
        tree[leaf].defaultLeft = random.integer(below: 2) == 0
        tree[leaf].left = Int32(tree.count)
        tree[leaf].right = Int32(tree.count + 1)
        tree[leaf].gain = Float(random.uniform())
        for part in [share, weight - share] {
          tree.append(TreeNode(value: Float(random.normal()), cover: Float(part), count: Int32(part)))
        }
      }
      nodes.append(tree: tree)
    }
    return try Forest(
      header: .init(
        link: outputs == 1 ? .identity : .softmax, outputs: outputs,
        featureNames: (0..<features).map { "f\($0)" },
        baseScores: (0..<outputs).map { Float($0) / 4 + 0.5 }), nodes: nodes)
  }

  /// Rows on and between the thresholds, some values missing: (feature, row).
  static func columns(_ random: inout Philox, features: Int, rows: Int) -> [[Float]] {
    let values: [Float] = [.nan, .infinity, -.infinity, -2, -1, -0.5, 0, 0.5, 1, 2]
    return (0..<features).map { _ in (0..<rows).map { _ in values[random.integer(below: values.count)] } }
  }
}
