import Diagnostics
import Trees

/// What all writers share: reducing a forest to what a format can say.
struct ForestExport {
  let model: ForeignForest
  var forest: Forest { model.forest }
  /// Factor that every leaf value takes: the forest's scale, and its average over rounds.
  let factor: Double
  /// The maker, for errors.
  let format: String

  /// Looks at a forest through the eyes of a format.
  init(_ model: ForeignForest, format: String) {
    self.model = model
    self.format = format
    let header = model.forest.header
    factor = header.scale / (header.averages ? Double(max(model.forest.rounds, 1)) : 1)
  }

  /// The nodes of a tree; zeros that count as missing become plain tests where that makes no difference.
  func tree(
    _ index: Int, keepsZeroIsMissing: Bool = false, keepsLinear: Bool = false, keepsStatistics: Bool = false
  ) throws(TernError) -> [TreeNode] {
    var nodes = forest.nodeArrays.tree(index)
    for at in nodes.indices {
      if nodes[at].flags.contains(.zeroIsMissing), !keepsZeroIsMissing {
        guard (0 < nodes[at].threshold) == nodes[at].defaultLeft else {
          throw refusal("zeros that count as missing", tree: index)
        }
        nodes[at].flags.remove(.zeroIsMissing)
      }
      if Int(nodes[at].feature) >= forest.features, !keepsStatistics {
        throw refusal("statistics of categories", tree: index)
      }
      if nodes[at].linear != nil, !keepsLinear { throw refusal("linear leaves", tree: index) }
    }
    return nodes
  }

  /// An error for what the format cannot say.
  func refusal(_ what: String, tree: Int) -> TernError {
    TernError(.data, "\(format) has no way to say \(what)", key: "tree \(tree)", found: what)
  }

  /// The value of a leaf with the factor applied, in `Double`.
  func value(_ leaf: TreeNode) -> Double { (leaf.exactValue ?? Double(leaf.value)) * factor }

  /// Whether members go right after their children change places.
  func withMembersRight(_ node: TreeNode) -> TreeNode {
    guard node.flags.contains(.membersGoLeft) else { return node }
    return mirrored(node)
  }

  /// The same categorical test with its children exchanged.
  func mirrored(_ node: TreeNode) -> TreeNode {
    var result = node
    (result.left, result.right) = (node.right, node.left)
    result.defaultLeft.toggle()
    result.flags.formSymmetricDifference(.membersGoLeft)
    return result
  }

  /// The members of a category set in order.
  static func members(_ words: [UInt32]) -> [Int] {
    words.indices.flatMap { word in
      (0..<32).filter { words[word] >> UInt32($0) & 1 != 0 }.map { word * 32 + $0 }
    }
  }

  /// Whether each feature is asked for categories anywhere.
  func categoricalFeatures() -> [Bool] {
    var result = model.categories.map { $0 != nil }
    let nodes = forest.nodeArrays
    for (node, flags) in nodes.flags.enumerated() where flags & NodeFlags.categorical.rawValue != 0 {
      result[Int(nodes.splitFeature[node])] = true
    }
    return result
  }

  /// How many categories a feature's sets and names reach to.
  func categoryCount(_ feature: Int) -> Int {
    var result = model.categories[feature]?.count ?? 0
    let nodes = forest.nodeArrays
    for (node, flags) in nodes.flags.enumerated()
    where flags & NodeFlags.categorical.rawValue != 0 && Int(nodes.splitFeature[node]) == feature {
      result = max(
        result, (ForestExport.members(Array(nodes.words(ofSet: Int(nodes.categorySet[node])))).last ?? -1) + 1
      )
    }
    return result
  }
}
