/// The node arrays one by one; `ForestNodes` documents each.
extension Forest {
  /// First node of each tree and, last, the number of nodes: (trees + 1).
  public var treeOffsets: [Int32] { nodeArrays.treeOffsets }
  /// Feature tested by a node, -1 for a leaf: (nodes).
  public var splitFeature: [Int32] { nodeArrays.splitFeature }
  /// Rows with `x < threshold` go left; 0 for a leaf: (nodes).
  public var threshold: [Float] { nodeArrays.threshold }
  /// 1 where a missing value goes left, else 0: (nodes).
  public var defaultLeft: [Int32] { nodeArrays.defaultLeft }
  /// Left child counted from its tree's first node, -1 for a leaf: (nodes).
  public var leftChild: [Int32] { nodeArrays.leftChild }
  /// Right child counted from its tree's first node, -1 for a leaf: (nodes).
  public var rightChild: [Int32] { nodeArrays.rightChild }
  /// Leaf value, or the `Float` nearest to it: (nodes).
  public var value: [Float] { nodeArrays.value }
  /// Loss reduction of a split, 0 for a leaf: (nodes).
  public var gain: [Float] { nodeArrays.gain }
  /// Sum of hessians of the training rows in a node: (nodes).
  public var cover: [Float] { nodeArrays.cover }
  /// Number of training rows in a node: (nodes).
  public var count: [Int32] { nodeArrays.count }

  /// The value of a leaf as exactly as it is stored.
  public func leafValue(_ node: Int) -> Double {
    nodeArrays.exactValue.isEmpty ? Double(nodeArrays.value[node]) : nodeArrays.exactValue[node]
  }
}
