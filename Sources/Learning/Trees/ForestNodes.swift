/// The node arrays of a forest while it is built or read.
///
/// A plain forest (numeric tests, missing values that follow a default, `Float` leaf values) leaves the optional
/// arrays `flags`, `exactValue`, `categorySet` and `linearOffsets` empty.
public struct ForestNodes: Sendable, Equatable {
  /// First node of each tree and, last, the number of nodes: (trees + 1).
  public var treeOffsets: [Int32]
  /// Feature tested by a node, -1 for a leaf: (nodes).
  public var splitFeature: [Int32]
  /// Rows with `x < threshold` go left; 0 for a leaf: (nodes).
  public var threshold: [Float]
  /// 1 where a missing value goes left, else 0: (nodes).
  public var defaultLeft: [Int32]
  /// Left child counted from its tree's first node, -1 for a leaf: (nodes).
  public var leftChild: [Int32]
  /// Right child counted from its tree's first node, -1 for a leaf: (nodes).
  public var rightChild: [Int32]
  /// Leaf value with the learning rate applied; for an inner node the value it would have as a leaf: (nodes).
  public var value: [Float]
  /// Loss reduction of a split, 0 for a leaf: (nodes).
  public var gain: [Float]
  /// Sum of hessians of the training rows in a node: (nodes).
  public var cover: [Float]
  /// Number of training rows in a node: (nodes).
  public var count: [Int32]

  /// `NodeFlags` of each node, or empty if none has any: (nodes).
  public var flags: [Int32] = []
  /// The leaf values as `Double`, or empty if `value` holds them exactly: (nodes).
  public var exactValue: [Double] = []
  /// Set that a categorical node asks, -1 for other nodes, or empty without categorical nodes: (nodes).
  public var categorySet: [Int32] = []
  /// First word of each set in `categoryWords` and, last, their number: (sets + 1), or empty.
  public var categoryOffsets: [Int32] = []
  /// The sets: bit `c % 32` of a set's word `c / 32` stands for category c.
  public var categoryWords: [UInt32] = []
  /// First term of each node in `linearFeature` and, last, their number: (nodes + 1), or empty without linear leaves.
  public var linearOffsets: [Int32] = []
  /// Features of the linear leaves.
  public var linearFeature: [Int32] = []
  /// Coefficients of the linear leaves, one for each of `linearFeature`.
  public var linearCoefficient: [Double] = []
  /// Constant of a linear leaf, 0 for every other node: (nodes), or empty.
  public var linearConstant: [Double] = []

  /// The stage that derives numbers from categories, if trees test such numbers.
  public var statistics: CategoryStatistics?

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

  /// Whether every node is a numeric test or a leaf with a `Float` value.
  public var isPlain: Bool {
    exactValue.isEmpty && categorySet.isEmpty && linearOffsets.isEmpty && statistics == nil
      && flags.allSatisfy { $0 & ~NodeFlags.missingIsZero.rawValue == 0 }
  }

  /// Whether layout version 1 had all the arrays that are in use.
  var isVersion1: Bool {
    flags.isEmpty && exactValue.isEmpty && categorySet.isEmpty && linearOffsets.isEmpty && statistics == nil
  }

  /// Adds one tree whose children are counted from its own first node.
  public mutating func append(tree: [TreeNode]) {
    let start = splitFeature.count
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
    appendOptional(tree, start: start)
  }

  /// The optional arrays of a new tree; one that comes into being gets the entries of all earlier nodes.
  private mutating func appendOptional(_ tree: [TreeNode], start: Int) {
    if !flags.isEmpty || tree.contains(where: { $0.storedFlags != [] }) {
      flags.append(contentsOf: repeatElement(0, count: start - flags.count))
      flags.append(contentsOf: tree.lazy.map(\.storedFlags.rawValue))
    }
    if !exactValue.isEmpty || tree.contains(where: { $0.exactValue != nil }) {
      exactValue.append(contentsOf: value[exactValue.count..<start].lazy.map(Double.init))
      exactValue.append(contentsOf: tree.lazy.map { $0.exactValue ?? Double($0.value) })
    }
    if !categorySet.isEmpty || tree.contains(where: { $0.flags.contains(.categorical) }) {
      categorySet.append(contentsOf: repeatElement(-1, count: start - categorySet.count))
      if categoryOffsets.isEmpty { categoryOffsets = [0] }
      for node in tree {
        guard node.flags.contains(.categorical) else {
          categorySet.append(-1)
          continue
        }
        categorySet.append(Int32(categoryOffsets.count - 1))
        categoryWords += node.categories
        categoryOffsets.append(Int32(categoryWords.count))
      }
    }
    if !linearOffsets.isEmpty || tree.contains(where: { $0.linear != nil }) {
      if linearOffsets.isEmpty { linearOffsets = [0] }
      linearOffsets.append(contentsOf: repeatElement(0, count: start + 1 - linearOffsets.count))
      linearConstant.append(contentsOf: repeatElement(0, count: start - linearConstant.count))
      for node in tree {
        linearConstant.append(node.linear?.constant ?? 0)
        linearFeature += node.linear?.features ?? []
        linearCoefficient += node.linear?.coefficients ?? []
        linearOffsets.append(Int32(linearFeature.count))
      }
    }
  }

  /// The nodes of one tree, as `append(tree:)` takes them.
  public func tree(_ index: Int) -> [TreeNode] {
    (Int(treeOffsets[index])..<Int(treeOffsets[index + 1])).map { node in
      var result = TreeNode(value: value[node], cover: cover[node], count: count[node])
      result.feature = splitFeature[node]
      result.threshold = threshold[node]
      result.defaultLeft = defaultLeft[node] != 0
      result.left = leftChild[node]
      result.right = rightChild[node]
      result.gain = gain[node]
      if !flags.isEmpty { result.flags = NodeFlags(rawValue: flags[node]) }
      if !exactValue.isEmpty { result.exactValue = exactValue[node] }
      if result.flags.contains(.categorical), !categorySet.isEmpty {
        result.categories = Array(words(ofSet: Int(categorySet[node])))
      }
      if result.flags.contains(.linear), !linearOffsets.isEmpty {
        let terms = Int(linearOffsets[node])..<Int(linearOffsets[node + 1])
        result.linear = LinearLeaf(
          constant: linearConstant[node], features: Array(linearFeature[terms]),
          coefficients: Array(linearCoefficient[terms]))
      }
      return result
    }
  }

  /// The words of a category set.
  public func words(ofSet set: Int) -> ArraySlice<UInt32> {
    categoryWords[Int(categoryOffsets[set])..<Int(categoryOffsets[set + 1])]
  }

  /// The arrays of the first `trees` trees.
  public func prefix(trees: Int) -> ForestNodes {
    let nodes = Int(treeOffsets[trees])
    var result = ForestNodes(
      treeOffsets: Array(treeOffsets.prefix(trees + 1)), splitFeature: Array(splitFeature.prefix(nodes)),
      threshold: Array(threshold.prefix(nodes)), defaultLeft: Array(defaultLeft.prefix(nodes)),
      leftChild: Array(leftChild.prefix(nodes)), rightChild: Array(rightChild.prefix(nodes)),
      value: Array(value.prefix(nodes)), gain: Array(gain.prefix(nodes)), cover: Array(cover.prefix(nodes)),
      count: Array(count.prefix(nodes)))
    result.statistics = statistics
    result.flags = Array(flags.prefix(nodes))
    result.exactValue = Array(exactValue.prefix(nodes))
    result.categorySet = Array(categorySet.prefix(nodes))
    if let last = result.categorySet.max() {
      // Sets are numbered in node order only by `append`, so all up to the greatest number are kept.
      result.categoryOffsets = Array(categoryOffsets.prefix(Int(last) + 2))
      result.categoryWords = Array(categoryWords.prefix(Int(result.categoryOffsets.last ?? 0)))
    }
    if !linearOffsets.isEmpty {
      result.linearOffsets = Array(linearOffsets.prefix(nodes + 1))
      result.linearConstant = Array(linearConstant.prefix(nodes))
      let terms = Int(result.linearOffsets.last ?? 0)
      result.linearFeature = Array(linearFeature.prefix(terms))
      result.linearCoefficient = Array(linearCoefficient.prefix(terms))
    }
    return result
  }
}
