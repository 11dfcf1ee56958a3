import Diagnostics

extension Forest {
  /// The largest number of nodes a forest may have; prediction packs node numbers into 31 bits.
  static let nodeLimit = Int(Int32.max) / 4

  /// Checks everything that prediction relies on.
  static func validate(header: Header, nodes: ForestNodes) throws(TernError) {
    try validate(header: header)
    try validateShapes(nodes)
    try validateOptional(nodes, features: header.featureNames.count)
    try nodes.statistics?.validate(features: header.featureNames.count)
    let features = header.featureNames.count + (nodes.statistics?.columns.count ?? 0)
    guard header.version > 1 || (header.isVersion1 && nodes.isVersion1) else {
      throw TernError(
        .data, "the forest needs a later layout", key: "version", found: "1",
        expected: "\(Header.currentVersion)")
    }
    let trees = nodes.treeOffsets.count - 1
    guard trees % header.outputs == 0 else {
      throw TernError(
        .data, "the number of trees is not a multiple of the outputs", key: "tree_offsets",
        found: "\(trees) trees", expected: "a multiple of \(header.outputs)")
    }
    var seen = [Bool](repeating: false, count: nodes.splitFeature.count)
    for tree in 0..<trees {
      try validate(tree: tree, nodes: nodes, features: features, seen: &seen)
    }
  }

  private static func validate(header: Header) throws(TernError) {
    guard (1...Header.currentVersion).contains(header.version) else {
      throw TernError(
        .data, "unknown forest layout", key: "version", found: "\(header.version)",
        expected: "1 to \(Header.currentVersion)")
    }
    guard header.outputs >= 1, header.outputs <= 65_536 else {
      throw TernError(
        .data, "impossible number of outputs", key: "outputs", found: "\(header.outputs)",
        expected: "1 to 65536")
    }
    guard header.baseScores.count == header.outputs, header.baseScores.allSatisfy(\.isFinite) else {
      throw TernError(
        .data, "base scores must be one finite number per output", key: "base_scores",
        found: "\(header.baseScores.count) numbers", expected: "\(header.outputs) finite numbers")
    }
    guard header.biases.isEmpty || header.biases.count == header.outputs, header.biases.allSatisfy(\.isFinite)
    else {
      throw TernError(
        .data, "biases must be one finite number per output", key: "biases",
        found: "\(header.biases.count) numbers", expected: "none or \(header.outputs) finite numbers")
    }
    guard header.scale.isFinite, header.linkScale.isFinite, header.linkScale > 0 else {
      throw TernError(
        .data, "a scale is not a number", key: "scale", found: "\(header.scale) and \(header.linkScale)",
        expected: "finite numbers, that of the link above 0")
    }
    guard header.precision == .double || (header.biases.isEmpty && header.scale == 1 && !header.averages)
    else {
      throw TernError(
        .data, "biases, scale and averages need sums in double", key: "precision",
        found: header.precision.rawValue, expected: Precision.double.rawValue)
    }
    guard header.featureNames.count < Int(Int32.max) else {
      throw TernError(.data, "too many features", key: "feature_names", found: "\(header.featureNames.count)")
    }
  }

  private static func validateShapes(_ nodes: ForestNodes) throws(TernError) {
    let total = nodes.splitFeature.count
    guard total <= nodeLimit else {
      throw TernError(
        .data, "too many nodes", key: "split_feature", found: "\(total)", expected: "<= \(nodeLimit)")
    }
    let lengths = [
      ("threshold", nodes.threshold.count), ("default_left", nodes.defaultLeft.count),
      ("left_child", nodes.leftChild.count), ("right_child", nodes.rightChild.count),
      ("value", nodes.value.count), ("gain", nodes.gain.count), ("cover", nodes.cover.count),
      ("count", nodes.count.count),
    ]
    for (name, length) in lengths where length != total {
      throw TernError(
        .data, "node arrays differ in length", key: name, found: "\(length)", expected: "\(total)")
    }
    guard nodes.treeOffsets.first == 0, nodes.treeOffsets.last.map({ Int($0) }) == total else {
      throw TernError(
        .data, "tree offsets must run from 0 to the number of nodes", key: "tree_offsets",
        expected: "0 ... \(total)")
    }
    for tree in 1..<max(nodes.treeOffsets.count, 1)
    where nodes.treeOffsets[tree] <= nodes.treeOffsets[tree - 1] {
      throw TernError(
        .data, "every tree needs a node", key: "tree_offsets", found: "\(nodes.treeOffsets[tree])",
        expected: "more than \(nodes.treeOffsets[tree - 1])")
    }
  }

  /// One tree: its root is its first node, every other node is the child of exactly one earlier node.
  private static func validate(
    tree: Int, nodes: ForestNodes, features: Int, seen: inout [Bool]
  ) throws(TernError) {
    let start = Int(nodes.treeOffsets[tree])
    let size = Int(nodes.treeOffsets[tree + 1]) - start
    for local in 0..<size {
      let node = start + local
      guard nodes.value[node].isFinite, !nodes.threshold[node].isNaN else {
        throw TernError(.data, "tree \(tree) node \(local) holds a value that is not a number", key: "value")
      }
      guard nodes.defaultLeft[node] == 0 || nodes.defaultLeft[node] == 1 else {
        throw TernError(
          .data, "tree \(tree) node \(local) has no direction for missing values", key: "default_left",
          found: "\(nodes.defaultLeft[node])", expected: "0 or 1")
      }
      guard local == 0 || seen[node] else {
        throw TernError(.data, "tree \(tree) node \(local) has no parent before it", key: "left_child")
      }
      let left = Int(nodes.leftChild[node])
      let right = Int(nodes.rightChild[node])
      let feature = Int(nodes.splitFeature[node])
      if feature == -1 {
        guard left == -1, right == -1 else {
          throw TernError(.data, "tree \(tree) leaf \(local) has children", key: "left_child")
        }
        continue
      }
      guard feature >= 0, feature < features else {
        throw TernError(
          .data, "tree \(tree) node \(local) tests a feature that does not exist", key: "split_feature",
          found: "\(feature)", expected: "-1 or 0 ..< \(features)")
      }
      for child in [left, right] {
        guard child > local, child < size else {
          throw TernError(
            .data, "tree \(tree) node \(local) has a child outside its tree or before it", key: "left_child",
            found: "\(child)", expected: "\(local + 1) ..< \(size)")
        }
        guard !seen[start + child] else {
          throw TernError(.data, "tree \(tree) node \(child) has two parents", key: "left_child")
        }
        seen[start + child] = true
      }
    }
  }
}
