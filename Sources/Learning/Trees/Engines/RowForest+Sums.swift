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
      nodes.withUnsafeBufferPointer { nodes in
        trees.withUnsafeBufferPointer { trees in
          groups.withUnsafeBufferPointer { groups in
            guard let nodes = nodes.baseAddress, let trees = trees.baseAddress else { return }
            for group in groups {
              add(group, nodes, trees + Int(group.first), bytes, values, &sums[Int(group.output)])
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private func add<Sum: BinaryFloatingPoint>(
    _ group: Group, _ nodes: UnsafePointer<Node>, _ trees: UnsafePointer<Tree>, _ codes: UnsafePointer<UInt8>,
    _ values: UnsafePointer<Sum>, _ sum: inout Sum
  ) {
    switch group.kind {
    case .symmetric:
      for tree in 0..<Int(group.count) {
        let tests = nodes + Int(trees[tree].node)
        var leaf = 0
        for level in 0..<Int(group.steps) { leaf = 2 * leaf + Int(RowForest.passes(tests + level, codes)) }
        sum += values[Int(trees[tree].leaf) + leaf]
      }
    case .complete:
      // The last positions are numbered from 2^steps on.
      let leaves = 1 << Int(group.steps)
      for tree in 0..<Int(group.count) {
        let tests = nodes + Int(trees[tree].node)
        var at = 1
        for _ in 0..<Int(group.steps) { at = 2 * at + Int(RowForest.passes(tests + at, codes)) }
        sum += values[Int(trees[tree].leaf) + at - leaves]
      }
    case .linked:
      if group.count == RowForest.lanes {
        addEight(Int(group.steps), nodes, trees, codes, values, &sum)
      } else {
        for tree in 0..<Int(group.count) {
          var at = UInt32(truncatingIfNeeded: trees[tree].node)
          for _ in 0..<Int(group.steps) { RowForest.advance(&at, nodes, codes) }
          sum += RowForest.value(at, trees[tree], values)
        }
      }
    }
  }

  @inline(__always)
  private func addEight<Sum: BinaryFloatingPoint>(
    _ steps: Int, _ nodes: UnsafePointer<Node>, _ trees: UnsafePointer<Tree>, _ codes: UnsafePointer<UInt8>,
    _ values: UnsafePointer<Sum>, _ sum: inout Sum
  ) {
    var (a, b, c, d) = (trees[0].root, trees[1].root, trees[2].root, trees[3].root)
    var (e, f, g, h) = (trees[4].root, trees[5].root, trees[6].root, trees[7].root)
    for _ in 0..<steps {
      RowForest.advance(&a, nodes, codes)
      RowForest.advance(&b, nodes, codes)
      RowForest.advance(&c, nodes, codes)
      RowForest.advance(&d, nodes, codes)
      RowForest.advance(&e, nodes, codes)
      RowForest.advance(&f, nodes, codes)
      RowForest.advance(&g, nodes, codes)
      RowForest.advance(&h, nodes, codes)
    }
    sum += RowForest.value(a, trees[0], values)
    sum += RowForest.value(b, trees[1], values)
    sum += RowForest.value(c, trees[2], values)
    sum += RowForest.value(d, trees[3], values)
    sum += RowForest.value(e, trees[4], values)
    sum += RowForest.value(f, trees[5], values)
    sum += RowForest.value(g, trees[6], values)
    sum += RowForest.value(h, trees[7], values)
  }

  /// Takes one step down a tree, none at a leaf.
  @inline(__always)
  private static func advance(_ at: inout UInt32, _ nodes: UnsafePointer<Node>, _ codes: UnsafePointer<UInt8>)
  {
    let node = nodes + Int(at)
    at = node.pointee.left &+ passes(node, codes)
  }

  /// 1 if the row passes the test of a node, else 0.
  @inline(__always)
  private static func passes(_ node: UnsafePointer<Node>, _ codes: UnsafePointer<UInt8>) -> UInt32 {
    codes[Int(node.pointee.column)] >= node.pointee.rank ? 1 : 0
  }

  /// The value of the leaf at which the walk of a linked tree ended.
  @inline(__always)
  private static func value<Sum: BinaryFloatingPoint>(
    _ at: UInt32, _ tree: Tree, _ values: UnsafePointer<Sum>
  ) -> Sum { values[Int(tree.leaf &+ Int32(truncatingIfNeeded: at) &- tree.node)] }
}

extension RowForest.Tree {
  /// The root of a linked tree.
  @inline(__always)
  fileprivate var root: UInt32 { UInt32(truncatingIfNeeded: node) }
}
