/// Trees as programs over coded rows, for many rows at once: 64 rows are 64 bytes of one vector, a node is one comparison.
///
/// A program computes the number of the leaf, counted from the left, that each row reaches:
///
/// - symmetric trees (CatBoost's) append one bit for each level;
/// - complete trees, made so by repeating leaves, choose between two subtrees at each node from the bottom up;
/// - other trees keep the first leaf that a row can still reach, as QuickScorer does: a node, parents before children,
///   sends the rows that stand at its first leaf and pass its test to the first leaf of its right child.
///
/// None of them branches on data, so the time does not depend on the rows.
struct CodedForest: Sendable {
  /// Rows of a block, four vectors.
  static let blockRows = 256
  /// Most leaves that a byte can number.
  static let leafLimit = 256
  /// Deepest trees that are made complete.
  static let completeDepth = 6
  /// Deepest symmetric trees: the number of a leaf has two bytes.
  static let symmetricDepth = 16

  enum Kind: UInt8, Sendable {
    case symmetric
    case complete
    case ordered
  }

  struct Tree: Sendable {
    var kind: Kind
    /// Number of levels of a symmetric or complete tree.
    var depth: Int32
    /// First of its nodes among `tests` or `ordered`, and how many there are.
    var first: Int32
    var count: Int32
    /// First of its leaf values.
    var firstLeaf: Int32
  }

  /// A node of a tree of any shape; each byte is repeated in four, as in `CodedTest`.
  struct OrderedTest: Sendable {
    var test: CodedTest
    /// First leaf below the node, and first leaf below its right child.
    var from: UInt32
    var to: UInt32
  }

  let codes: FeatureCodes
  let outputs: Int
  /// Those of output 0 in the order of their rounds, then those of output 1, and so on.
  private(set) var trees: [Tree] = []
  private(set) var tests: [CodedTest] = []
  private(set) var ordered: [OrderedTest] = []
  /// Node of the source that holds the value of each leaf.
  private(set) var leafNodes: [Int32] = []

  /// Compiles all trees; nil if one of them has too many leaves.
  init?(nodes source: ForestNodes, outputs: Int, codes: FeatureCodes, tests nodeTests: [FeatureCodes.Test]) {
    self.codes = codes
    self.outputs = outputs
    let count = source.treeOffsets.count - 1
    trees.reserveCapacity(count)
    var outline = TreeOutline()
    for output in 0..<outputs {
      for tree in stride(from: output, to: count, by: outputs) {
        outline.read(source, tree: tree)
        guard append(outline, nodeTests) else { return nil }
      }
    }
    // Kernels take the address of both arrays, whatever kinds of trees there are.
    if tests.isEmpty { tests.append(CodedTest(code: 0, offset: 0)) }
    if ordered.isEmpty { ordered.append(OrderedTest(test: CodedTest(code: 0, offset: 0), from: 0, to: 0)) }
  }

  private mutating func append(_ outline: TreeOutline, _ nodeTests: [FeatureCodes.Test]) -> Bool {
    let firstLeaf = Int32(leafNodes.count)
    if outline.depth <= CodedForest.symmetricDepth, let levels = outline.levels(nodeTests) {
      trees.append(
        Tree(
          kind: .symmetric, depth: Int32(outline.depth), first: Int32(tests.count),
          count: Int32(levels.count),
          firstLeaf: firstLeaf))
      tests += levels.map(CodedForest.test)
      leafNodes += outline.leaves.map { Int32($0) }
      return true
    }
    guard outline.leaves.count <= CodedForest.leafLimit else { return false }
    // A node costs two vector operations in a complete tree and three in another one.
    if outline.depth <= CodedForest.completeDepth, 2 << outline.depth <= 3 * outline.inner.count + 2 {
      let first = Int32(tests.count)
      var node = 0
      appendComplete(outline, nodeTests, depth: outline.depth, at: &node, leaf: 0, end: outline.leaves.count)
      trees.append(
        Tree(
          kind: .complete, depth: Int32(outline.depth), first: first, count: Int32(tests.count) - first,
          firstLeaf: firstLeaf))
      return true
    }
    trees.append(
      Tree(
        kind: .ordered, depth: Int32(outline.depth), first: Int32(ordered.count),
        count: Int32(outline.inner.count),
        firstLeaf: firstLeaf))
    for inner in outline.inner {
      ordered.append(
        OrderedTest(
          test: CodedForest.test(nodeTests[inner.node]), from: CodedForest.word(inner.first),
          to: CodedForest.word(inner.right)))
    }
    leafNodes += outline.leaves.map { Int32($0) }
    return true
  }

  /// Appends the subtree with the leaves `leaf..<end` as a complete one of `depth` levels, root before left before right.
  private mutating func appendComplete(
    _ outline: TreeOutline, _ nodeTests: [FeatureCodes.Test], depth: Int, at node: inout Int, leaf: Int,
    end: Int
  ) {
    if end - leaf == 1 {
      // Whatever these tests say, the leaf is the same.
      let repeats = 1 << depth
      tests += repeatElement(CodedTest(code: 0, offset: 0), count: repeats - 1)
      leafNodes += repeatElement(Int32(outline.leaves[leaf]), count: repeats)
      return
    }
    let inner = outline.inner[node]
    node += 1
    tests.append(CodedForest.test(nodeTests[inner.node]))
    appendComplete(outline, nodeTests, depth: depth - 1, at: &node, leaf: leaf, end: inner.right)
    appendComplete(outline, nodeTests, depth: depth - 1, at: &node, leaf: inner.right, end: end)
  }

  private static func word(_ byte: Int) -> UInt32 { UInt32(byte) * 0x0101_0101 }

  private static func test(_ test: FeatureCodes.Test) -> CodedTest {
    CodedTest(code: word(Int(test.rank)), offset: UInt32(test.column) * UInt32(blockRows))
  }
}
