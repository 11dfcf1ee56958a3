/// The node arrays of a forest while it is built or read; `Forest` documents each.
public struct ForestNodes: Sendable, Equatable {
  /// First node of each tree and, last, the number of nodes.
  public var treeOffsets: [Int32]
  /// Feature tested by a node, -1 for a leaf.
  public var splitFeature: [Int32]
  /// Rows with `x < threshold` go left.
  public var threshold: [Float]
  /// 1 where a missing value goes left.
  public var defaultLeft: [Int32]
  /// Left child counted from its tree's first node, -1 for a leaf.
  public var leftChild: [Int32]
  /// Right child counted from its tree's first node, -1 for a leaf.
  public var rightChild: [Int32]
  /// Leaf value.
  public var value: [Float]
  /// Loss reduction of a split.
  public var gain: [Float]
  /// Sum of hessians.
  public var cover: [Float]
  /// Number of training rows.
  public var count: [Int32]

  /// Arrays as given, by default those of a forest without trees.
  public init(
    treeOffsets: [Int32] = [0], splitFeature: [Int32] = [], threshold: [Float] = [],
    defaultLeft: [Int32] = [],
    leftChild: [Int32] = [], rightChild: [Int32] = [], value: [Float] = [], gain: [Float] = [],
    cover: [Float] = [], count: [Int32] = []
  ) {
    self.treeOffsets = treeOffsets
    self.splitFeature = splitFeature
    self.threshold = threshold
    self.defaultLeft = defaultLeft
    self.leftChild = leftChild
    self.rightChild = rightChild
    self.value = value
    self.gain = gain
    self.cover = cover
    self.count = count
  }

  /// Adds one tree whose children are counted from its own first node.
  public mutating func append(tree: [TreeNode]) {
    for node in tree {
      splitFeature.append(node.feature)
      threshold.append(node.threshold)
      defaultLeft.append(node.defaultLeft ? 1 : 0)
      leftChild.append(node.left)
      rightChild.append(node.right)
      value.append(node.value)
      gain.append(node.gain)
      cover.append(node.cover)
      count.append(node.count)
    }
    treeOffsets.append(Int32(splitFeature.count))
  }

  /// The arrays of the first `trees` trees.
  public func prefix(trees: Int) -> ForestNodes {
    let nodes = Int(treeOffsets[trees])
    return ForestNodes(
      treeOffsets: Array(treeOffsets.prefix(trees + 1)), splitFeature: Array(splitFeature.prefix(nodes)),
      threshold: Array(threshold.prefix(nodes)), defaultLeft: Array(defaultLeft.prefix(nodes)),
      leftChild: Array(leftChild.prefix(nodes)), rightChild: Array(rightChild.prefix(nodes)),
      value: Array(value.prefix(nodes)), gain: Array(gain.prefix(nodes)), cover: Array(cover.prefix(nodes)),
      count: Array(count.prefix(nodes)))
  }
}

/// One node of a tree under construction.
public struct TreeNode: Sendable, Equatable {
  /// Feature tested, -1 for a leaf.
  public var feature: Int32
  /// Rows with `x < threshold` go left.
  public var threshold: Float
  /// Whether a missing value goes left.
  public var defaultLeft: Bool
  /// Left child, -1 for a leaf.
  public var left: Int32
  /// Right child, -1 for a leaf.
  public var right: Int32
  /// Leaf value.
  public var value: Float
  /// Loss reduction of the split.
  public var gain: Float
  /// Sum of hessians.
  public var cover: Float
  /// Number of training rows.
  public var count: Int32

  /// A leaf.
  public init(value: Float, cover: Float, count: Int32) {
    feature = -1
    threshold = 0
    defaultLeft = false
    left = -1
    right = -1
    self.value = value
    gain = 0
    self.cover = cover
    self.count = count
  }

  /// Whether the node has no children.
  public var isLeaf: Bool { feature < 0 }
}
