/// The trees of a forest that is not plain: categorical tests, further kinds of missing values, linear leaves, exact leaf
/// values and sums in `Double`.
struct GeneralForest: Sendable {
  /// A node as the walk reads it.
  struct Node: Sendable {
    /// Rows with `x < threshold` go left.
    var threshold: Float
    /// Feature tested, -1 for a leaf.
    var feature: Int32
    /// Children among the nodes of all trees; for a leaf its number among all nodes.
    var left: Int32
    var right: Int32
    /// `NodeFlags`, and in bit 31 that a missing value goes left.
    var flags: UInt32
    /// First word of the category set, and how many there are.
    var firstWord: Int32
    var words: Int32
  }

  private static let missingLeft: UInt32 = 1 << 31
  /// LightGBM's bound of what counts as zero.
  static let zero: Float = 1e-35

  let outputs: Int
  let precision: Forest.Precision
  private let scale: MarginScale
  private let nodes: [Node]
  private let roots: [Int32]
  private let values: [Double]
  private let categoryWords: [UInt32]
  private let linearOffsets: [Int32]
  private let linearFeature: [Int32]
  private let linearCoefficient: [Double]
  private let linearConstant: [Double]
  private let statistics: CategoryStatistics?

  /// Packs node arrays that `Forest.validate` has passed.
  init(header: Forest.Header, nodes source: ForestNodes) {
    outputs = header.outputs
    precision = header.precision
    let trees = source.treeOffsets.count - 1
    scale = MarginScale(header, trees: trees)
    roots = Array(source.treeOffsets.dropLast())
    values = source.exactValue.isEmpty ? source.value.map(Double.init) : source.exactValue
    categoryWords = source.categoryWords
    linearOffsets = source.linearOffsets
    linearFeature = source.linearFeature
    linearCoefficient = source.linearCoefficient
    linearConstant = source.linearConstant
    statistics = source.statistics
    var packed: [Node] = []
    packed.reserveCapacity(source.splitFeature.count)
    for tree in 0..<trees {
      let start = source.treeOffsets[tree]
      for node in Int(start)..<Int(source.treeOffsets[tree + 1]) {
        let flags = source.flags.isEmpty ? 0 : UInt32(bitPattern: source.flags[node])
        let isLeaf = source.splitFeature[node] < 0
        var record = Node(
          threshold: source.threshold[node], feature: source.splitFeature[node],
          left: isLeaf ? Int32(node) : start + source.leftChild[node],
          right: isLeaf ? Int32(node) : start + source.rightChild[node],
          flags: flags | (source.defaultLeft[node] != 0 ? GeneralForest.missingLeft : 0), firstWord: 0,
          words: 0)
        if !source.categorySet.isEmpty, source.categorySet[node] >= 0 {
          let set = Int(source.categorySet[node])
          record.firstWord = source.categoryOffsets[set]
          record.words = source.categoryOffsets[set + 1] - source.categoryOffsets[set]
        }
        packed.append(record)
      }
    }
    nodes = packed
  }

  /// The margins of one row in the forest's own arithmetic, each handed to `store` as `Double`.
  ///
  /// - Parameters:
  ///   - row: the features, `stride` elements apart.
  @inline(__always)
  func margins(_ row: UnsafePointer<Float>, stride: Int, store: (_ output: Int, _ margin: Double) -> Void) {
    withDerived(row, stride: stride) { row, stride in sum(row, stride: stride, store: store) }
  }

  @inline(__always)
  private func sum(_ row: UnsafePointer<Float>, stride: Int, store: (_ output: Int, _ margin: Double) -> Void)
  {
    for output in 0..<outputs {
      var tree = output
      switch precision {
      case .float:
        var sum = Float(scale.base[output])
        while tree < roots.count {
          sum += Float(leafOutput(leaf(tree, row, stride), row, stride))
          tree += outputs
        }
        store(output, Double(sum))
      case .double:
        var sum = 0.0
        while tree < roots.count {
          sum += leafOutput(leaf(tree, row, stride), row, stride)
          tree += outputs
        }
        store(output, scale.margin(sum: sum, output: output))
      }
    }
  }

  /// Adds the leaf values of one row's trees to its margins, in tree order and `Float`.
  func add(_ row: UnsafePointer<Float>, stride: Int, to margins: UnsafeMutablePointer<Float>) {
    withDerived(row, stride: stride) { row, stride in
      for tree in roots.indices {
        margins[tree % outputs] += Float(leafOutput(leaf(tree, row, stride), row, stride))
      }
    }
  }

  /// Hands over a row with its derived features, which is the row itself where there are none.
  @inline(__always)
  private func withDerived(
    _ row: UnsafePointer<Float>, stride: Int, _ body: (UnsafePointer<Float>, _ stride: Int) -> Void
  ) {
    guard let statistics else { return body(row, stride) }
    let width = statistics.hashes.count + statistics.columns.count
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(width, 1)) { scratch in
      guard let extended = scratch.baseAddress else { return }
      statistics.extend(row, stride: stride, into: extended)
      body(extended, 1)
    }
  }

  /// Number, among all nodes, of the leaf that a row reaches in a tree.
  @inline(__always)
  func leaf(_ tree: Int, _ row: UnsafePointer<Float>, _ stride: Int) -> Int {
    nodes.withUnsafeBufferPointer { nodes in
      var at = Int(roots[tree])
      while true {
        let node = nodes[at]
        if node.feature < 0 { return at }
        at = Int(goesLeft(row[Int(node.feature) * stride], node) ? node.left : node.right)
      }
    }
  }

  @inline(__always)
  private func goesLeft(_ x: Float, _ node: Node) -> Bool {
    let flags = NodeFlags(rawValue: Int32(bitPattern: node.flags & ~GeneralForest.missingLeft))
    if x.isNaN || (flags.contains(.zeroIsMissing) && abs(x) <= GeneralForest.zero) {
      return node.flags & GeneralForest.missingLeft != 0
    }
    if !flags.contains(.categorical) { return x < node.threshold }
    return isMember(x, node, flags) == flags.contains(.membersGoLeft)
  }

  private func isMember(_ x: Float, _ node: Node, _ flags: NodeFlags) -> Bool {
    guard x >= 0 || (x > -1 && flags.contains(.truncatesNegative)), x < Float(node.words) * 32 else {
      return false
    }
    let category = Int(x)
    return categoryWords[Int(node.firstWord) + category / 32] >> UInt32(category % 32) & 1 != 0
  }

  @inline(__always)
  private func leafOutput(_ leaf: Int, _ row: UnsafePointer<Float>, _ stride: Int) -> Double {
    if linearOffsets.isEmpty { return values[leaf] }
    return linearOutput(leaf, row, stride)
  }

  private func linearOutput(_ leaf: Int, _ row: UnsafePointer<Float>, _ stride: Int) -> Double {
    guard nodes[leaf].flags & UInt32(NodeFlags.linear.rawValue) != 0 else { return values[leaf] }
    var sum = linearConstant[leaf]
    for term in Int(linearOffsets[leaf])..<Int(linearOffsets[leaf + 1]) {
      let x = row[Int(linearFeature[term]) * stride]
      if x.isNaN { return values[leaf] }
      sum += linearCoefficient[term] * Double(x)
    }
    return sum
  }
}
