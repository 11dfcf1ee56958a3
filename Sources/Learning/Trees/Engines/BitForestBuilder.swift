/// The trees of a `BitForest` while they are compiled.
struct BitForestBuilder {
  /// In the order of outputs, then of rounds.
  private(set) var groups: [BitForest.Group] = []
  private(set) var tests: [BitForest.Tests] = []
  /// (trees, 64): `TreePaths.nodes`.
  private(set) var paths: [UInt64] = []
  /// (trees): `TreePaths.passing`, in whole vectors.
  private(set) var passing: [SIMD8<UInt64>] = []
  /// Node of the source that holds the value of each place at which a walk can end; for others anything.
  private(set) var leafNodes: [Int32] = []

  private let nodeTests: [FeatureCodes.Test]

  /// Compiles all trees; nil if one of them has more than 64 leaves, or there are too many columns.
  init?(nodes source: ForestNodes, outputs: Int, codes: FeatureCodes, tests nodeTests: [FeatureCodes.Test]) {
    guard codes.columns.count <= BitForest.columnLimit else { return nil }
    self.nodeTests = nodeTests
    let count = source.treeOffsets.count - 1
    var outline = TreeOutline()
    for output in 0..<outputs {
      for tree in stride(from: output, to: count, by: outputs) {
        outline.read(source, tree: tree)
        guard append(outline, output: Int32(output)) else { return nil }
      }
    }
  }

  private mutating func append(_ outline: TreeOutline, output: Int32) -> Bool {
    if outline.depth > 0, outline.depth <= BitForest.symmetricDepth, let levels = outline.levels(nodeTests) {
      appendSymmetric(outline, levels, output)
    } else if outline.depth <= BitForest.completeDepth {
      appendComplete(outline, output)
    } else if let paths = TreePaths(outline) {
      appendPaths(outline, paths, output)
    } else {
      return false
    }
    return true
  }

  /// The number in its group of one more tree, in a new group unless it suits the last one.
  private mutating func place(_ kind: BitForest.Kind, _ output: Int32, steps: Int) -> Int {
    if let last = groups.indices.last, groups[last].kind == kind, groups[last].output == output,
      kind != .symmetric || groups[last].steps == steps
    {
      groups[last].steps = max(groups[last].steps, Int32(steps))
      groups[last].count += 1
      return Int(groups[last].count) - 1
    }
    groups.append(
      BitForest.Group(
        kind: kind, output: output, steps: Int32(steps), first: Int32(tests.count),
        leaf: Int32(leafNodes.count),
        path: Int32(paths.count), passing: Int32(passing.count), count: 1))
    return 0
  }

  /// Vectors of tests of which nothing is read yet.
  private mutating func appendTests(_ count: Int) {
    let unused = BitForest.Tests(columns: CodeVector(repeating: 0), ranks: CodeVector(repeating: 255))
    tests += repeatElement(unused, count: count)
  }

  private mutating func set(_ test: FeatureCodes.Test, vector: Int, byte: Int) {
    tests[vector].columns[byte] = UInt8(test.column)
    tests[vector].ranks[byte] = test.rank
  }

  private mutating func appendSymmetric(
    _ outline: TreeOutline, _ levels: [FeatureCodes.Test], _ output: Int32
  ) {
    let tree = place(.symmetric, output, steps: levels.count)
    if tree % BitForest.bytes == 0 { appendTests(levels.count) }
    let first = tests.count - levels.count
    for (level, test) in levels.enumerated() {
      set(test, vector: first + level, byte: tree % BitForest.bytes)
    }
    leafNodes += outline.leaves.map { Int32($0) }
  }

  /// Room for the word of a tree; returns the first of its vectors of tests.
  private mutating func placeWord(_ kind: BitForest.Kind, _ output: Int32, steps: Int) -> (
    first: Int, word: Int
  ) {
    let word = place(kind, output, steps: steps) % BitForest.words
    if word == 0 {
      appendTests(8)
      if kind == .paths { passing.append(SIMD8(repeating: 0)) }
    }
    return (tests.count - 8, word)
  }

  /// Sets the test that answers one bit of a word; the first of the vectors answers the highest bits of all bytes.
  private mutating func set(_ test: FeatureCodes.Test, _ at: (first: Int, word: Int), bit: Int) {
    set(test, vector: at.first + 7 - bit % 8, byte: 8 * at.word + bit / 8)
  }

  private mutating func appendComplete(_ outline: TreeOutline, _ output: Int32) {
    // Trees of less depth repeat their leaves, so that those of a group take the same steps.
    let at = placeWord(.complete, output, steps: BitForest.completeDepth)
    let firstLeaf = leafNodes.count
    leafNodes += repeatElement(0, count: BitForest.places)
    var inner = 0
    var stack = [(heap: 1, first: 0, end: outline.leaves.count)]
    while let (heap, first, end) = stack.popLast() {
      if end - first == 1 {
        // All places below: whatever the unused tests between say, the leaf is the same.
        let span = BitForest.places >> (Int.bitWidth - 1 - heap.leadingZeroBitCount)
        let place = heap * span - BitForest.places
        for leaf in place..<place + span { leafNodes[firstLeaf + leaf] = Int32(outline.leaves[first]) }
        continue
      }
      let node = outline.inner[inner]
      inner += 1
      set(nodeTests[node.node], at, bit: heap)
      stack.append((2 * heap + 1, node.right, end))
      stack.append((2 * heap, first, node.right))
    }
  }

  private mutating func appendPaths(_ outline: TreeOutline, _ own: TreePaths, _ output: Int32) {
    let at = placeWord(.paths, output, steps: own.steps)
    for (inner, place) in own.places.enumerated() {
      set(nodeTests[outline.inner[inner].node], at, bit: place)
    }
    passing[passing.count - 1][at.word] = own.passing
    paths += own.nodes
    leafNodes += own.ends.map { Int32(outline.leaves[$0]) }
  }
}
