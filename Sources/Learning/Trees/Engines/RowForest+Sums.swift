extension RowForest {
  /// Adds the leaf values of one row to the sums of its outputs, each output's in tree order.
  ///
  /// - Parameter values: one for each of `leafNodes`.
  @inline(__always)
  func add<Sum: BinaryFloatingPoint>(
    row: UnsafePointer<Float>, values: UnsafePointer<Sum>, to sums: UnsafeMutablePointer<Sum>
  ) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: codes.columns.count + 1) { scratch in
      guard let bytes = scratch.baseAddress else { return }
      codes.encode(row: row, into: bytes)
      bytes[codes.columns.count] = 0
      tests.withUnsafeBufferPointer { tests in
        nodes.withUnsafeBufferPointer { nodes in
          trees.withUnsafeBufferPointer { trees in
            groups.withUnsafeBufferPointer { groups in
              guard let tests = tests.baseAddress, let nodes = nodes.baseAddress, let trees = trees.baseAddress else {
                return
              }
              let walk = RowWalk(codes: UnsafePointer(bytes), tests: tests, nodes: nodes, values: values)
              var index = 0
              while index < groups.count {
                let output = groups[index].output
                // Kept in a register over all trees of the output.
                var sum = sums[Int(output)]
                while index < groups.count, groups[index].output == output {
                  walk.add(groups[index], trees + Int(groups[index].first), to: &sum)
                  index += 1
                }
                sums[Int(output)] = sum
              }
            }
          }
        }
      }
    }
  }
}

/// What the walk of one row reads.
private struct RowWalk<Sum: BinaryFloatingPoint> {
  let codes: UnsafePointer<UInt8>
  let tests: UnsafePointer<RowForest.Test>
  let nodes: UnsafePointer<RowForest.Node>
  let values: UnsafePointer<Sum>

  /// Adds the leaf values of one group, in tree order.
  @inline(__always)
  func add(_ group: RowForest.Group, _ trees: UnsafePointer<RowForest.Tree>, to sum: inout Sum) {
    let steps = Int(group.steps)
    switch group.kind {
    case .symmetric:
      for tree in 0..<Int(group.count) {
        let own = tests + Int(trees[tree].node)
        var leaf = 0
        for level in 0..<steps { leaf = 2 * leaf + Int(passes(own[level])) }
        sum += values[Int(trees[tree].leaf) + leaf]
      }
    case .complete:
      if group.count == RowForest.lanes { return addEightComplete(steps, trees, to: &sum) }
      for tree in 0..<Int(group.count) {
        var at: UInt32 = 1
        for _ in 0..<steps { descend(&at, trees[tree]) }
        sum += completeValue(at, trees[tree], steps)
      }
    case .linked:
      if group.count == RowForest.lanes { return addEightLinked(steps, trees, to: &sum) }
      for tree in 0..<Int(group.count) {
        var at = UInt32(truncatingIfNeeded: trees[tree].node)
        for _ in 0..<steps { advance(&at) }
        sum += linkedValue(at, trees[tree])
      }
    }
  }

  @inline(__always)
  private func addEightComplete(_ steps: Int, _ trees: UnsafePointer<RowForest.Tree>, to sum: inout Sum) {
    var (a, b, c, d): (UInt32, UInt32, UInt32, UInt32) = (1, 1, 1, 1)
    var (e, f, g, h): (UInt32, UInt32, UInt32, UInt32) = (1, 1, 1, 1)
    for _ in 0..<steps {
      descend(&a, trees[0])
      descend(&b, trees[1])
      descend(&c, trees[2])
      descend(&d, trees[3])
      descend(&e, trees[4])
      descend(&f, trees[5])
      descend(&g, trees[6])
      descend(&h, trees[7])
    }
    sum += completeValue(a, trees[0], steps)
    sum += completeValue(b, trees[1], steps)
    sum += completeValue(c, trees[2], steps)
    sum += completeValue(d, trees[3], steps)
    sum += completeValue(e, trees[4], steps)
    sum += completeValue(f, trees[5], steps)
    sum += completeValue(g, trees[6], steps)
    sum += completeValue(h, trees[7], steps)
  }

  @inline(__always)
  private func addEightLinked(_ steps: Int, _ trees: UnsafePointer<RowForest.Tree>, to sum: inout Sum) {
    var (a, b, c, d) = (root(trees[0]), root(trees[1]), root(trees[2]), root(trees[3]))
    var (e, f, g, h) = (root(trees[4]), root(trees[5]), root(trees[6]), root(trees[7]))
    for _ in 0..<steps {
      advance(&a)
      advance(&b)
      advance(&c)
      advance(&d)
      advance(&e)
      advance(&f)
      advance(&g)
      advance(&h)
    }
    sum += linkedValue(a, trees[0])
    sum += linkedValue(b, trees[1])
    sum += linkedValue(c, trees[2])
    sum += linkedValue(d, trees[3])
    sum += linkedValue(e, trees[4])
    sum += linkedValue(f, trees[5])
    sum += linkedValue(g, trees[6])
    sum += linkedValue(h, trees[7])
  }

  /// One step down a complete tree.
  @inline(__always)
  private func descend(_ at: inout UInt32, _ tree: RowForest.Tree) {
    at = 2 &* at &+ passes(tests[Int(tree.node) + Int(at)])
  }

  /// The last positions of a complete tree are numbered from 2^steps on.
  @inline(__always)
  private func completeValue(_ at: UInt32, _ tree: RowForest.Tree, _ steps: Int) -> Sum {
    values[Int(tree.leaf) + Int(at) - (1 << steps)]
  }

  /// One step down a linked tree, none at a leaf.
  @inline(__always)
  private func advance(_ at: inout UInt32) {
    let node = nodes + Int(at)
    at = node.pointee.left &+ passes(node.pointee.test)
  }

  @inline(__always)
  private func root(_ tree: RowForest.Tree) -> UInt32 { UInt32(truncatingIfNeeded: tree.node) }

  @inline(__always)
  private func linkedValue(_ at: UInt32, _ tree: RowForest.Tree) -> Sum {
    values[Int(tree.leaf &+ Int32(truncatingIfNeeded: at) &- tree.node)]
  }

  /// 1 if the row passes a test, else 0: the sign of a difference, because a comparison may become a branch.
  @inline(__always)
  private func passes(_ test: RowForest.Test) -> UInt32 {
    (UInt32(test.limit) &- UInt32(codes[Int(test.column)])) >> 31
  }
}
