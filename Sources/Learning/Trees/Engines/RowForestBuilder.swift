/// The trees of a `RowForest` while they are compiled.
struct RowForestBuilder<Place: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable> {
  /// Most columns.
  private static var columnLimit: Int { 4096 }
  /// Deepest trees that are stored complete.
  private static var completeDepth: Int { 8 }

  /// (columns): where the answers to its tests begin, the one to rank one first.
  let firstAnswers: [Int32]
  /// Number of answers, with the padding of whole vectors.
  let answers: Int
  /// In the order of outputs, then of rounds.
  private(set) var groups: [RowForest<Place>.Group] = []
  /// Those of the symmetric and complete trees.
  private(set) var tests: [Place] = []
  /// First block of each tree that consists of blocks.
  private(set) var roots: [Int32] = []
  /// (blocks, 16): tests of a block, numbered as in a complete tree.
  private(set) var blockTests: [Place] = []
  /// (blocks, 16): where each path through a block ends: a leaf, or the complement of the next block's number.
  private(set) var blockEnds: [Int32] = []
  /// Node of the source that holds the value of each position at which a walk can end; for others anything.
  private(set) var leafNodes: [Int32] = []

  /// Compiles all trees; nil if they are too large, or the answers too many for a `Place`.
  init?(nodes source: ForestNodes, outputs: Int, codes: FeatureCodes, tests nodeTests: [FeatureCodes.Test]) {
    guard codes.columns.count < RowForestBuilder.columnLimit else { return nil }
    var total = 0
    var first: [Int32] = []
    for column in codes.columns {
      first.append(Int32(total))
      // Whole vectors are written.
      total += (Int(column.count) + RowAnswers.width - 1) / RowAnswers.width * RowAnswers.width
    }
    guard total <= Int(Place.max) else { return nil }
    firstAnswers = first
    answers = total
    let count = source.treeOffsets.count - 1
    var outline = TreeOutline()
    for output in 0..<outputs {
      for tree in stride(from: output, to: count, by: outputs) {
        outline.read(source, tree: tree)
        guard append(outline, nodeTests, output: Int32(output)) else { return nil }
      }
    }
    // Kernels take the addresses of all arrays, whatever kinds of trees there are.
    if tests.isEmpty { tests.append(0) }
    if blockTests.isEmpty { appendBlock() }
    if roots.isEmpty { roots.append(0) }
  }

  private mutating func append(
    _ outline: TreeOutline, _ nodeTests: [FeatureCodes.Test], output: Int32
  ) -> Bool {
    let leaf = Int32(leafNodes.count)
    let first: Int
    let kind: RowForest<Place>.Kind
    if outline.depth <= CodedForest.symmetricDepth, let levels = outline.levels(nodeTests) {
      kind = .symmetric
      first = tests.count
      tests += levels.map { answer(to: $0) }
      leafNodes += outline.leaves.map { Int32($0) }
    } else if outline.depth <= RowForestBuilder.completeDepth, 1 << outline.depth <= 4 * outline.inner.count {
      kind = .complete
      first = tests.count
      appendComplete(outline, nodeTests)
    } else if outline.leaves.count <= CodedForest.leafLimit {
      kind = .blocks
      first = roots.count
      roots.append(appendBlocks(outline, nodeTests))
      leafNodes += outline.leaves.map { Int32($0) }
    } else {
      return false
    }
    let steps = kind == .blocks ? 0 : Int32(outline.depth)
    if let last = groups.indices.last, groups[last].kind == kind, groups[last].output == output,
      groups[last].steps == steps, groups[last].count < RowForest<Place>.trees
    {
      groups[last].count += 1
    } else {
      groups.append(
        RowForest<Place>.Group(
          kind: kind, output: output, steps: steps, first: Int32(first), leaf: leaf, count: 1))
    }
    return true
  }

  private mutating func appendComplete(_ outline: TreeOutline, _ nodeTests: [FeatureCodes.Test]) {
    let size = 1 << outline.depth
    let firstTest = tests.count
    let firstLeaf = leafNodes.count
    tests += repeatElement(0, count: size)
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
      tests[firstTest + heap] = answer(to: nodeTests[node.node])
      stack.append((2 * heap + 1, node.right, end))
      stack.append((2 * heap, first, node.right))
    }
  }

  /// Cuts a tree into blocks; returns the first one.
  private mutating func appendBlocks(_ outline: TreeOutline, _ nodeTests: [FeatureCodes.Test]) -> Int32 {
    let firstLeaf = leafNodes.count
    let root = blockTests.count / RowForest<Place>.blockSize
    appendBlock()
    var waiting = [Subtree(block: root, inner: 0, first: 0, end: outline.leaves.count)]
    while let subtree = waiting.popLast() {
      let place = subtree.block * RowForest<Place>.blockSize
      var stack = [(heap: 1, inner: subtree.inner, first: subtree.first, end: subtree.end)]
      while let (heap, inner, first, end) = stack.popLast() {
        let span = RowForest<Place>.blockSize >> (Int.bitWidth - 1 - heap.leadingZeroBitCount)
        if end - first == 1 {
          // All ends below: whatever the unused tests between say, the leaf is the same.
          let position = heap * span - RowForest<Place>.blockSize
          for end in position..<position + span { blockEnds[place + end] = Int32(firstLeaf + first) }
        } else if span == 1 {
          let next = blockTests.count / RowForest<Place>.blockSize
          blockEnds[place + heap - RowForest<Place>.blockSize] = ~Int32(next)
          appendBlock()
          waiting.append(Subtree(block: next, inner: inner, first: first, end: end))
        } else {
          let node = outline.inner[inner]
          blockTests[place + heap] = answer(to: nodeTests[node.node])
          // Inner nodes stand in the order root, left subtree, right subtree; a subtree has one fewer than leaves.
          stack.append((2 * heap + 1, inner + node.right - first, node.right, end))
          stack.append((2 * heap, inner + 1, first, node.right))
        }
      }
    }
    return Int32(root)
  }

  private mutating func appendBlock() {
    blockTests += repeatElement(0, count: RowForest<Place>.blockSize)
    blockEnds += repeatElement(0, count: RowForest<Place>.blockSize)
  }

  /// Where the answer to a test is.
  private func answer(to test: FeatureCodes.Test) -> Place {
    Place(firstAnswers[Int(test.column)] + Int32(test.rank) - 1)
  }
}

/// A subtree that waits for its block, by the numbers of its first inner node and its leaves.
private struct Subtree {
  var block: Int
  var inner: Int
  var first: Int
  var end: Int
}
