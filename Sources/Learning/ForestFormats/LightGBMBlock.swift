import Diagnostics
import Trees

/// The text of one tree of a LightGBM model.
struct LightGBMBlock {
  private let nodes: [TreeNode]
  private let base: Double
  private let export: ForestExport
  /// LightGBM's number of each node: inner nodes count up, leaves are the complements of theirs.
  private var numbers: [Int] = []
  private var inner: [TreeNode] = []
  private var leaves: [TreeNode] = []

  /// Prepares a tree; `base` is added to every leaf.
  init(_ source: [TreeNode], base: Double, index: Int, export: ForestExport) throws(TernError) {
    self.base = base
    self.export = export
    nodes = try source.map { node throws(TernError) in
      guard node.flags.contains(.categorical) else { return node }
      let result = node.flags.contains(.membersGoLeft) ? node : export.mirrored(node)
      guard !result.defaultLeft else {
        throw export.refusal("categorical tests whose members' side takes missing values", tree: index)
      }
      return result
    }
    for node in nodes {
      if node.isLeaf {
        numbers.append(-1 - leaves.count)
        leaves.append(node)
      } else {
        numbers.append(inner.count)
        inner.append(node)
      }
    }
  }

  /// The lines from `num_leaves` to `shrinkage`.
  func text() -> String {
    let categorical = inner.filter { $0.flags.contains(.categorical) }
    var lines = ["num_leaves=\(leaves.count)", "num_cat=\(categorical.count)"]
    func add(_ key: String, _ values: [String]) { lines.append(key + "=" + values.joined(separator: " ")) }
    var set = -1
    add("split_feature", inner.map { "\($0.feature)" })
    add("split_gain", inner.map { "\($0.gain)" })
    add(
      "threshold",
      inner.map { node in
        guard node.flags.contains(.categorical) else { return "\(lastLeft(of: node))" }
        set += 1
        return "\(set)"
      })
    add("decision_type", inner.map { "\(decision($0))" })
    add("left_child", inner.map { "\(numbers[Int($0.left)])" })
    add("right_child", inner.map { "\(numbers[Int($0.right)])" })
    add("leaf_value", leaves.map { "\(export.value($0) + base)" })
    add("leaf_weight", leaves.map { "\($0.cover)" })
    add("leaf_count", leaves.map { "\($0.count)" })
    add("internal_value", inner.map { "\($0.value)" })
    add("internal_weight", inner.map { "\($0.cover)" })
    add("internal_count", inner.map { "\($0.count)" })
    if !categorical.isEmpty {
      var bounds = [0]
      for node in categorical { bounds.append((bounds.last ?? 0) + node.categories.count) }
      add("cat_boundaries", bounds.map(String.init))
      add("cat_threshold", categorical.flatMap { $0.categories.map(String.init) })
    }
    let isLinear = leaves.contains { $0.linear != nil }
    lines.append("is_linear=\(isLinear ? 1 : 0)")
    if isLinear {
      let terms = leaves.map {
        $0.linear ?? LinearLeaf(constant: ($0.exactValue ?? Double($0.value)), features: [], coefficients: [])
      }
      add("leaf_const", terms.map { "\($0.constant * export.factor + base)" })
      add("num_features", terms.map { "\($0.features.count)" })
      add("leaf_features", terms.flatMap { $0.features.map(String.init) })
      add("leaf_coeff", terms.flatMap { $0.coefficients.map { "\($0 * export.factor)" } })
    }
    lines.append("shrinkage=1")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The greatest number that `x < threshold` sends left, as LightGBM's `x <= t` wants it, within its range.
  private func lastLeft(of node: TreeNode) -> Double {
    min(max(Double(node.threshold).nextDown, -1e300), 1e300)
  }

  private func decision(_ node: TreeNode) -> Int {
    if node.flags.contains(.categorical) { return 1 | 2 << 2 }
    let missing = node.flags.contains(.missingIsZero) ? 0 : node.flags.contains(.zeroIsMissing) ? 1 : 2
    return (node.defaultLeft ? 2 : 0) | missing << 2
  }
}
