import Compute
import Diagnostics
import Market
import Trees

/// Forests of the size and shape of trained ones, whose tests fall where the data lies.
public enum RandomForests {
  /// A softmax forest over named columns.
  /// - Parameters:
  ///   - columns: values that thresholds are drawn from, one array per name.
  ///   - leaves: leaves of each tree.
  ///   - depth: greatest depth of a leaf.
  public static func forest(
    names: [String], columns: [[Float]], outputs: Int, rounds: Int, leaves: Int, depth: Int, scale: Float,
    _ random: inout Philox
  ) throws(TernError) -> Forest {
    var nodes = ForestNodes()
    for _ in 0..<(rounds * outputs) {
      var tree = [TreeNode(value: leaf(scale, &random), cover: 1, count: 1)]
      var open = [(node: 0, depth: 0)]
      var count = 1
      while count < leaves, !open.isEmpty {
        let (node, level) = open.remove(at: random.integer(below: open.count))
        let feature = random.integer(below: names.count)
        tree[node].feature = Int32(feature)
        tree[node].threshold = threshold(columns[feature], &random)
        tree[node].defaultLeft = random.integer(below: 2) == 0
        tree[node].left = Int32(tree.count)
        tree[node].right = Int32(tree.count + 1)
        for _ in 0..<2 {
          if level + 1 < depth { open.append((tree.count, level + 1)) }
          tree.append(TreeNode(value: leaf(scale, &random), cover: 1, count: 1))
        }
        count += 1
      }
      nodes.append(tree: tree)
    }
    return try Forest(
      header: Forest.Header(
        link: .softmax, outputs: outputs, featureNames: names,
        baseScores: [Float](repeating: 0.5, count: outputs)), nodes: nodes)
  }

  private static func leaf(_ scale: Float, _ random: inout Philox) -> Float {
    scale * Float(random.normal())
  }

  private static func threshold(_ column: [Float], _ random: inout Philox) -> Float {
    let value = column.isEmpty ? 0 : column[random.integer(below: column.count)]
    return value.isNaN ? 0 : value
  }
}
