/// Trees over the codes of a single row: few bytes a node, eight trees side by side, no branch that depends on the row.
///
/// A group of trees takes as many steps as its deepest tree has levels; a leaf steps to itself. The processor
/// then never mispredicts, and waits for the nodes of many trees at once instead of one after another.
struct RowForest: Sendable {
  /// Most bytes of codes, so that they stay on the stack.
  static let codeLimit = 1024
  /// Trees that are walked side by side.
  static let lanes = 8
  /// Deepest trees that are stored complete.
  private static let completeDepth = 8

  enum Kind: UInt8, Sendable {
    /// One test for each level, the root's first; the leaves are counted from the left.
    case symmetric
    /// Node h has the children 2h and 2h + 1, the root is node 1, and node 0 is not used.
    case complete
    /// A node names its left child, the right one follows; a leaf is its own left child.
    case linked
  }

  /// Consecutive trees of one output and kind.
  struct Group: Sendable {
    var kind: Kind
    /// Output that the trees add to.
    var output: Int32
    /// Steps that all of them take.
    var steps: Int32
    /// First tree, and how many there are, at most `lanes`.
    var first: Int32
    var count: Int32
  }

  struct Tree: Sendable {
    /// First of its tests or nodes.
    var node: Int32
    /// First of its leaf values.
    var leaf: Int32
  }

  /// What a node asks.
  struct Test: Sendable {
    /// Column that it reads.
    var column: UInt16
    /// Codes above this pass: the rank less one.
    var limit: UInt16
  }

  /// A node of a linked tree.
  struct Node: Sendable {
    var test: Test
    /// Left child among all nodes; rows that pass the test go to the one after it.
    var left: UInt32
  }

  let codes: FeatureCodes
  /// In the order of outputs, then of rounds.
  private(set) var groups: [Group] = []
  private(set) var trees: [Tree] = []
  /// Those of the symmetric and complete trees.
  private(set) var tests: [Test] = []
  /// Those of the linked trees.
  private(set) var nodes: [Node] = []
  /// Node of the source that holds the value of each position at which a walk can end; for others anything.
  private(set) var leafNodes: [Int32] = []

  /// Compiles all trees; nil if they or the codes are too large.
  init?(nodes source: ForestNodes, outputs: Int, codes: FeatureCodes, tests nodeTests: [FeatureCodes.Test]) {
    guard codes.columns.count < RowForest.codeLimit else { return nil }
    self.codes = codes
    let count = source.treeOffsets.count - 1
    trees.reserveCapacity(count)
    var outline = TreeOutline()
    for output in 0..<outputs {
      for tree in stride(from: output, to: count, by: outputs) {
        outline.read(source, tree: tree)
        guard append(outline, source, tree, nodeTests, output: Int32(output)) else { return nil }
      }
    }
    // Kernels take the address of both arrays, whatever kinds of trees there are.
    let nothing = Test(column: 0, limit: 0)
    if tests.isEmpty { tests.append(nothing) }
    if nodes.isEmpty { nodes.append(Node(test: nothing, left: 0)) }
  }

  private mutating func append(
    _ outline: TreeOutline, _ source: ForestNodes, _ tree: Int, _ nodeTests: [FeatureCodes.Test], output: Int32
  ) -> Bool {
    let firstLeaf = Int32(leafNodes.count)
    let first: Int
    let kind: Kind
    if outline.depth <= CodedForest.symmetricDepth, let levels = outline.levels(nodeTests) {
      kind = .symmetric
      first = tests.count
      tests += levels.map(RowForest.test)
      leafNodes += outline.leaves.map { Int32($0) }
    } else if outline.depth <= RowForest.completeDepth, 1 << outline.depth <= 4 * outline.inner.count {
      kind = .complete
      first = tests.count
      appendComplete(outline, nodeTests)
    } else if outline.leaves.count <= CodedForest.leafLimit {
      kind = .linked
      first = nodes.count
      appendLinked(outline, source, tree, nodeTests)
    } else {
      return false
    }
    if let last = groups.indices.last, groups[last].kind == kind, groups[last].output == output,
      groups[last].count < RowForest.lanes, kind != .symmetric || groups[last].steps == outline.depth,
      kind != .complete || groups[last].steps == outline.depth
    {
      groups[last].count += 1
      groups[last].steps = max(groups[last].steps, Int32(outline.depth))
    } else {
      groups.append(
        Group(kind: kind, output: output, steps: Int32(outline.depth), first: Int32(trees.count), count: 1))
    }
    trees.append(Tree(node: Int32(first), leaf: firstLeaf))
    return true
  }

  private mutating func appendComplete(_ outline: TreeOutline, _ nodeTests: [FeatureCodes.Test]) {
    let size = 1 << outline.depth
    let firstTest = tests.count
    let firstLeaf = leafNodes.count
    tests += repeatElement(Test(column: 0, limit: 0), count: size)
    leafNodes += repeatElement(0, count: size)
    var inner = 0
    var stack = [(heap: 1, first: 0, end: outline.leaves.count)]
    while let (heap, first, end) = stack.popLast() {
      if end - first == 1 {
        // All positions below: whatever the unused tests between say, the leaf is the same.
        let span = size >> (Int.bitWidth - 1 - heap.leadingZeroBitCount)
        let position = heap * span - size
        for leaf in position..<position + span { leafNodes[firstLeaf + leaf] = Int32(outline.leaves[first]) }
        continue
      }
      let node = outline.inner[inner]
      inner += 1
      tests[firstTest + heap] = RowForest.test(nodeTests[node.node])
      stack.append((2 * heap + 1, node.right, end))
      stack.append((2 * heap, first, node.right))
    }
  }

  private mutating func appendLinked(
    _ outline: TreeOutline, _ source: ForestNodes, _ tree: Int, _ nodeTests: [FeatureCodes.Test]
  ) {
    let start = Int(source.treeOffsets[tree])
    let base = nodes.count
    var queue = [start]
    var head = 0
    while head < queue.count {
      let node = queue[head]
      if source.splitFeature[node] < 0 {
        // The byte after those of the columns is zero and never reaches rank one.
        let never = FeatureCodes.Test(column: Int32(codes.columns.count), rank: 1)
        nodes.append(Node(test: RowForest.test(never), left: UInt32(base + head)))
      } else {
        nodes.append(Node(test: RowForest.test(nodeTests[node]), left: UInt32(base + queue.count)))
        queue.append(start + Int(source.leftChild[node]))
        queue.append(start + Int(source.rightChild[node]))
      }
      leafNodes.append(Int32(node))
      head += 1
    }
  }

  private static func test(_ test: FeatureCodes.Test) -> Test {
    Test(column: UInt16(test.column), limit: UInt16(test.rank - 1))
  }
}
