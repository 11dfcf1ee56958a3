import Compute
import Trees

/// Small random forests with features that repeat along a path, uneven covers and nodes that no row reached.
enum RandomForests {
  /// - Parameter isGeneral: whether nodes ask for categories, take zeros for missing, and leaves are exact doubles that
  ///   are scaled and averaged.
  static func make(
    _ random: inout Philox, trees: Int, features: Int, outputs: Int = 1, splits: Int = 9,
    isGeneral: Bool = false
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
        if isGeneral { generalise(&tree[leaf], &random) }
        for part in [share, weight - share] {
          let value = random.normal()
          var child = TreeNode(value: Float(value), cover: Float(part), count: Int32(part))
          if isGeneral { child = TreeNode(exactValue: value, cover: Float(part), count: Int32(part)) }
          tree.append(child)
        }
      }
      nodes.append(tree: tree)
    }
    var header = Forest.Header(
      link: outputs == 1 ? .identity : .softmax, outputs: outputs,
      featureNames: (0..<features).map { "f\($0)" }, baseScores: (0..<outputs).map { Float($0) / 4 + 0.5 })
    if isGeneral {
      header.precision = .double
      header.biases = (0..<outputs).map { Double($0) / 3 }
      header.scale = 0.7
      header.averages = true
    }
    return try Forest(header: header, nodes: nodes)
  }

  /// Makes some tests categorical of either manner, and lets some take zero for missing.
  private static func generalise(_ node: inout TreeNode, _ random: inout Philox) {
    switch random.integer(below: 4) {
    case 0: node.flags = .zeroIsMissing
    case 1: node.setCategories([0, 2, 40].prefix(1 + random.integer(below: 3)), flags: [])
    case 2: node.setCategories([1, 2], flags: [.membersGoLeft, .truncatesNegative])
    default: break
    }
  }

  /// The way of a row at a node, by the words of `Forest` and `NodeFlags`.
  static func goesLeft(_ forest: Forest, _ node: Int, _ x: Float) -> Bool {
    let arrays = forest.nodeArrays
    let flags = arrays.flags.isEmpty ? [] : NodeFlags(rawValue: arrays.flags[node])
    if x.isNaN || (flags.contains(.zeroIsMissing) && abs(x) <= 1e-35) { return arrays.defaultLeft[node] == 1 }
    guard flags.contains(.categorical) else { return x < arrays.threshold[node] }
    let words = Array(arrays.words(ofSet: Int(arrays.categorySet[node])))
    var isMember = false
    if x >= 0 || (flags.contains(.truncatesNegative) && x > -1), x < 1e6 {
      let category = Int(x)
      isMember = category / 32 < words.count && words[category / 32] & 1 << UInt32(category % 32) != 0
    }
    return isMember == flags.contains(.membersGoLeft)
  }

  /// Rows on and between the thresholds, some values missing: (feature, row).
  static func columns(_ random: inout Philox, features: Int, rows: Int) -> [[Float]] {
    let values: [Float] = [.nan, .infinity, -.infinity, -2, -1, -0.5, 0, 0.5, 1, 2, 40]
    return (0..<features).map { _ in (0..<rows).map { _ in values[random.integer(below: values.count)] } }
  }
}
