import Trees

/// Which numbers of a node say how much of the training data it holds.
public enum CoverMeasure: String, Sendable, Codable, CaseIterable {
  /// Sums of hessians, as XGBoost weighs.
  case hessians
  /// Numbers of rows, as LightGBM and CatBoost weigh.
  case rows
}

/// One tree with its nodes in the order of a depth-first walk, left before right, and the share of its parent's
/// training data that each node received.
struct OrderedTree {
  /// A node; children and parent are places in the same order.
  struct Node {
    /// The node's place in the forest's arrays.
    var source: Int
    var parent: Int
    var left = -1
    var right = -1
    /// Share of the parent's weight, 1 for the root; the shares of two siblings add up to one.
    var share = 1.0

    var isLeaf: Bool { left < 0 }
  }

  private(set) var nodes: [Node]

  /// Orders a tree without recursion, however deep it is.
  init(_ forest: Forest, tree: Int, cover: CoverMeasure) {
    let start = Int(forest.treeOffsets[tree])
    nodes = []
    nodes.reserveCapacity(Int(forest.treeOffsets[tree + 1]) - start)
    var open: [(source: Int, parent: Int, isLeft: Bool, share: Double)] = [(start, -1, false, 1)]
    while let next = open.popLast() {
      let place = nodes.count
      nodes.append(Node(source: next.source, parent: next.parent, share: next.share))
      if next.parent >= 0 {
        if next.isLeft { nodes[next.parent].left = place } else { nodes[next.parent].right = place }
      }
      guard forest.splitFeature[next.source] >= 0 else { continue }
      let left = start + Int(forest.leftChild[next.source])
      let right = start + Int(forest.rightChild[next.source])
      let share = OrderedTree.share(
        OrderedTree.weight(forest, left, cover), OrderedTree.weight(forest, right, cover))
      open.append((right, place, false, 1 - share))
      open.append((left, place, true, share))
    }
  }

  private static func weight(_ forest: Forest, _ node: Int, _ cover: CoverMeasure) -> Double {
    switch cover {
    case .hessians: Double(forest.cover[node])
    case .rows: Double(forest.count[node])
    }
  }

  /// The left child's share; a node that no training row reached gives each child one half.
  private static func share(_ left: Double, _ right: Double) -> Double {
    guard left >= 0, right >= 0, left + right > 0, (left + right).isFinite else { return 0.5 }
    return left / (left + right)
  }

  /// The expectation of the tree under the training data's shares.
  func expectation(_ value: (Int) -> Double) -> Double {
    var sums = nodes.map { $0.isLeaf ? value($0.source) : 0 }
    for place in nodes.indices.dropFirst().reversed() {
      sums[nodes[place].parent] += nodes[place].share * sums[place]
    }
    return sums[0]
  }
}
