import Diagnostics
import Trees

/// Trees of a CatBoost model as one tree for each output.
struct CatBoostTrees {
  let features: CatBoostFeatures
  let outputs: Int

  /// The greatest depth that CatBoost knows.
  private static let depthLimit = 16

  /// The test of a split, without children: true goes right.
  private func test(_ split: Located) throws(TernError) -> TreeNode {
    var node = TreeNode(value: 0, cover: 0, count: 0)
    let type = try split.member("split_type")
    switch try type.string() {
    case "FloatFeature":
      let number = try features.number(split)
      node.feature = Int32(truncatingIfNeeded: number.feature)
      node.threshold = try border(split)
      node.defaultLeft = number.missingLeft
    case "OneHotFeature":
      node.feature = Int32(truncatingIfNeeded: try features.category(split))
      let value = try split.member("value")
      let hash = try value.integer(Int(Int32.min)...Int(UInt32.max))
      guard let code = features.codes[UInt32(truncatingIfNeeded: hash)] else {
        throw value.error("is the hash of no named category", expected: "a hash of cat_features_hash")
      }
      node.setCategories([code], flags: [])
      node.defaultLeft = true
    case "OnlineCtr":
      let index = try split.member("split_index")
      guard let (column, border) = features.statisticSplits[try index.integer()] else {
        throw index.error("is no split of a statistic")
      }
      node.feature = Int32(truncatingIfNeeded: features.names.count + column)
      node.threshold = border.nextUp
      node.defaultLeft = true
    default: throw type.error("is an unknown split", expected: "FloatFeature, OneHotFeature or OnlineCtr")
    }
    return node
  }

  /// The least `Float` that is greater than the border.
  private func border(_ split: Located) throws(TernError) -> Float {
    let border = try split.member("border").number().float
    guard !border.isNaN else { throw try split.member("border").error("is not a number") }
    return border.nextUp
  }

  private func leaf(_ value: Double, weight: Double) -> TreeNode {
    let count = Int32(exactly: weight) ?? 0
    return TreeNode(
      exactValue: value, cover: Float(weight).isFinite ? Float(weight) : 0, count: max(count, 0))
  }

  /// A complete tree of an oblivious one, level by level: the last split is the root and the highest bit of a leaf's number,
  /// as CatBoost reads the tree when it draws and explains it.
  func oblivious(_ tree: Located) throws(TernError) -> [[TreeNode]] {
    var tests: [TreeNode] = []
    for split in try tree.optional("splits")?.elements() ?? [] { tests.append(try test(split)) }
    guard tests.count <= CatBoostTrees.depthLimit else {
      throw tree.error("is too deep", found: "\(tests.count)", expected: "<= \(CatBoostTrees.depthLimit)")
    }
    let leaves = 1 << tests.count
    let values = try tree.member("leaf_values").doubles(count: leaves * outputs)
    let weights =
      try tree.optional("leaf_weights")?.doubles(count: leaves) ?? [Double](repeating: 0, count: leaves)
    return (0..<outputs).map { output in
      var nodes: [TreeNode] = []
      for (level, test) in tests.reversed().enumerated() {
        let width = leaves >> level
        for position in 0..<1 << level {
          var node = test
          let own = nodes.count
          node.left = Int32(2 * own + 1)
          node.right = Int32(2 * own + 2)
          let below = weights[position * width..<(position + 1) * width].reduce(0, +)
          node.cover = leaf(0, weight: below).cover
          node.count = leaf(0, weight: below).count
          nodes.append(node)
        }
      }
      for number in 0..<leaves {
        nodes.append(leaf(values[number * outputs + output], weight: weights[number]))
      }
      return nodes
    }
  }

  /// A tree of nested objects.
  func general(_ tree: Located) throws(TernError) -> [[TreeNode]] {
    // The objects in the order in which they are met; a parent knows its children's numbers.
    var queue = [tree]
    var shape: [(node: TreeNode, values: [Double])] = []
    while shape.count < queue.count {
      let place = queue[shape.count]
      guard let split = try place.optional("split") else {
        let value = try place.member("value")
        var values: [Double]
        if case .number(let number) = value.value {
          values = [number.double]
        } else {
          values = try value.doubles()
        }
        guard values.count == outputs else {
          throw value.error("is not one value per output", found: "\(values.count)", expected: "\(outputs)")
        }
        shape.append((leaf(0, weight: try place.optional("weight")?.number().double ?? 0), values))
        continue
      }
      var node = try test(split)
      node.left = Int32(truncatingIfNeeded: queue.count)
      node.right = Int32(truncatingIfNeeded: queue.count + 1)
      // Paths of deep trees would grow with their depth.
      for side in ["left", "right"] {
        queue.append(
          Located(value: try place.member(side).value, path: tree.path + "…" + side, file: tree.file))
      }
      shape.append((node, []))
    }
    for index in shape.indices.reversed() where !shape[index].node.isLeaf {
      let (left, right) = (shape[Int(shape[index].node.left)].node, shape[Int(shape[index].node.right)].node)
      shape[index].node.cover = left.cover + right.cover
      shape[index].node.count = left.count.addingReportingOverflow(right.count).partialValue
    }
    return (0..<outputs).map { output in
      shape.map { entry in
        var node = entry.node
        if node.isLeaf { node.exactValue = entry.values[output] }
        if node.isLeaf { node.value = Float(entry.values[output]) }
        return node
      }
    }
  }
}
