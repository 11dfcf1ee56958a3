extension CodedForest {
  /// The leaves that the rows of a block reach in one tree.
  ///
  /// - Parameters:
  ///   - codes: (columns, 256) bytes.
  ///   - vectors: how many of the block's four vectors hold rows.
  ///   - leaves: receives 256 bytes; for a symmetric tree of more than eight levels the low bytes, and `high` the others.
  @inline(__always)
  func leaves(
    _ tree: Tree, _ tests: UnsafePointer<CodedTest>, _ ordered: UnsafePointer<OrderedTest>,
    _ codes: UnsafeRawPointer,
    vectors: Int, into leaves: UnsafeMutableRawPointer, high: UnsafeMutableRawPointer
  ) {
    switch tree.kind {
    case .symmetric:
      let low = max(0, Int(tree.depth) - 8)
      for vector in 0..<vectors {
        let rows = codes + 64 * vector
        if low > 0 { store(symmetric(tests, low, rows), high, vector) }
        store(symmetric(tests + low, Int(tree.depth) - low, rows), leaves, vector)
      }
    case .complete:
      for vector in 0..<vectors {
        let rows = codes + 64 * vector
        switch tree.depth {
        case 1: store(complete1(tests, rows), leaves, vector)
        case 2: store(complete2(tests, rows), leaves, vector)
        case 3: store(complete3(tests, rows), leaves, vector)
        case 4: store(complete4(tests, rows), leaves, vector)
        case 5: store(complete5(tests, rows), leaves, vector)
        default: store(complete6(tests, rows), leaves, vector)
        }
      }
    case .ordered:
      if vectors == 4 {
        orderedBlock(ordered, Int(tree.count), codes, leaves)
      } else {
        for vector in 0..<vectors {
          store(orderedVector(ordered, Int(tree.count), codes + 64 * vector), leaves, vector)
        }
      }
    }
  }

  @inline(__always)
  private func store(_ value: CodeVector, _ target: UnsafeMutableRawPointer, _ vector: Int) {
    target.storeBytes(of: value, toByteOffset: 64 * vector, as: CodeVector.self)
  }

  /// One bit for each level, the root's first.
  @inline(__always)
  private func symmetric(_ tests: UnsafePointer<CodedTest>, _ depth: Int, _ rows: UnsafeRawPointer)
    -> CodeVector
  {
    var leaf = CodeVector(repeating: 0)
    for level in 0..<depth { leaf = (leaf &+ leaf).incremented(where: tests[level].passes(rows)) }
    return leaf
  }

  @inline(__always)
  private func orderedVector(
    _ nodes: UnsafePointer<OrderedTest>, _ count: Int, _ rows: UnsafeRawPointer
  ) -> CodeVector {
    var leaf = CodeVector(repeating: 0)
    for index in 0..<count {
      let node = nodes[index]
      let stands = leaf .== CodeVector(word: node.from)
      leaf = leaf.replaced(
        by: CodeVector(word: node.to), where: CodeVector.both(stands, node.test.passes(rows)))
    }
    return leaf
  }

  /// Four vectors side by side, so that none waits for another's comparison.
  @inline(__always)
  private func orderedBlock(
    _ nodes: UnsafePointer<OrderedTest>, _ count: Int, _ rows: UnsafeRawPointer,
    _ leaves: UnsafeMutableRawPointer
  ) {
    var a = CodeVector(repeating: 0)
    var b = a
    var c = a
    var d = a
    for index in 0..<count {
      let node = nodes[index]
      let from = CodeVector(word: node.from)
      let to = CodeVector(word: node.to)
      a = a.replaced(by: to, where: CodeVector.both(a .== from, node.test.passes(rows)))
      b = b.replaced(by: to, where: CodeVector.both(b .== from, node.test.passes(rows + 64)))
      c = c.replaced(by: to, where: CodeVector.both(c .== from, node.test.passes(rows + 128)))
      d = d.replaced(by: to, where: CodeVector.both(d .== from, node.test.passes(rows + 192)))
    }
    store(a, leaves, 0)
    store(b, leaves, 1)
    store(c, leaves, 2)
    store(d, leaves, 3)
  }

  // Complete trees of 1 to 6 levels: root, left subtree, right subtree. Written out, so that a tree is straight code
  // whose intermediate vectors stay in registers.

  @inline(__always)
  private func complete1(_ tests: UnsafePointer<CodedTest>, _ rows: UnsafeRawPointer) -> CodeVector {
    CodeVector(repeating: 0).incremented(where: tests[0].passes(rows))
  }

  @inline(__always)
  private func join(
    _ test: CodedTest, _ rows: UnsafeRawPointer, _ left: CodeVector, _ right: CodeVector, half: UInt8
  ) -> CodeVector {
    left.replaced(by: right &+ CodeVector(repeating: half), where: test.passes(rows))
  }

  @inline(__always)
  private func complete2(_ tests: UnsafePointer<CodedTest>, _ rows: UnsafeRawPointer) -> CodeVector {
    join(tests[0], rows, complete1(tests + 1, rows), complete1(tests + 2, rows), half: 2)
  }

  @inline(__always)
  private func complete3(_ tests: UnsafePointer<CodedTest>, _ rows: UnsafeRawPointer) -> CodeVector {
    join(tests[0], rows, complete2(tests + 1, rows), complete2(tests + 4, rows), half: 4)
  }

  @inline(__always)
  private func complete4(_ tests: UnsafePointer<CodedTest>, _ rows: UnsafeRawPointer) -> CodeVector {
    join(tests[0], rows, complete3(tests + 1, rows), complete3(tests + 8, rows), half: 8)
  }

  @inline(__always)
  private func complete5(_ tests: UnsafePointer<CodedTest>, _ rows: UnsafeRawPointer) -> CodeVector {
    join(tests[0], rows, complete4(tests + 1, rows), complete4(tests + 16, rows), half: 16)
  }

  @inline(__always)
  private func complete6(_ tests: UnsafePointer<CodedTest>, _ rows: UnsafeRawPointer) -> CodeVector {
    join(tests[0], rows, complete5(tests + 1, rows), complete5(tests + 32, rows), half: 32)
  }
}
