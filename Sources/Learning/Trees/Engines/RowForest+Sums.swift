extension RowForest {
  /// Adds the leaf values of one row, each output's in tree order.
  ///
  /// - Parameters:
  ///   - values: one for each of `leafNodes`.
  ///   - start: the sum of an output before its first tree.
  ///   - store: takes the sum of an output.
  @inline(__always)
  func sums<Sum: BinaryFloatingPoint>(
    row: UnsafePointer<Float>, outputs: Int, values: UnsafePointer<Sum>, start: (_ output: Int) -> Sum,
    store: (_ output: Int, _ sum: Sum) -> Void
  ) {
    scratch.withPlace { answers in
      FeatureCodes.encode(row: row, columns, count: columnCount, thresholds) { column, code in
        RowAnswers.write(
          code, count: Int(columns[column].count), into: answers + Int(firstAnswers[column]))
      }
      let walk = RowWalk<Place, Sum>(
        answers: UnsafePointer(answers), tests: tests, roots: roots, blockTests: blockTests,
        blockEnds: blockEnds, values: values)
      var index = 0
      for output in 0..<outputs {
        var sum = start(output)
        while index < groupCount, groups[index].output == output {
          walk.add(groups[index], to: &sum)
          index += 1
        }
        store(output, sum)
      }
    }
  }
}

/// What the walk of one row reads.
private struct RowWalk<
  Place: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable, Sum: BinaryFloatingPoint
> {
  let answers: UnsafePointer<UInt8>
  let tests: UnsafePointer<Place>
  let roots: UnsafePointer<Int32>
  let blockTests: UnsafePointer<Place>
  let blockEnds: UnsafePointer<Int32>
  let values: UnsafePointer<Sum>

  /// Adds the leaf values of one group, in tree order.
  ///
  /// The usual depths are constants, so that no loop over the steps is left.
  @inline(__always)
  func add(_ group: RowForest<Place>.Group, to sum: inout Sum) {
    let steps = Int(group.steps)
    switch group.kind {
    case .symmetric:
      switch steps {
      case 4: addSymmetric(group, 4, to: &sum)
      case 6: addSymmetric(group, 6, to: &sum)
      case 8: addSymmetric(group, 8, to: &sum)
      default: addSymmetric(group, steps, to: &sum)
      }
    case .complete:
      switch steps {
      case 3: addComplete(group, 3, to: &sum)
      case 4: addComplete(group, 4, to: &sum)
      case 5: addComplete(group, 5, to: &sum)
      case 6: addComplete(group, 6, to: &sum)
      case 7: addComplete(group, 7, to: &sum)
      case 8: addComplete(group, 8, to: &sum)
      default: addComplete(group, steps, to: &sum)
      }
    case .blocks: addBlocks(group, to: &sum)
    }
  }

  @inline(__always)
  private func addSymmetric(_ group: RowForest<Place>.Group, _ steps: Int, to sum: inout Sum) {
    var own = tests + Int(group.first)
    var leaves = values + Int(group.leaf)
    for _ in 0..<group.count {
      var leaf = 0
      for level in 0..<steps { leaf = 2 &* leaf &+ passes(own[level]) }
      sum += leaves[leaf]
      own += steps
      leaves += 1 << steps
    }
  }

  @inline(__always)
  private func addComplete(_ group: RowForest<Place>.Group, _ steps: Int, to sum: inout Sum) {
    var own = tests + Int(group.first)
    // The last positions of a complete tree are numbered from 2^steps on.
    let size = 1 << steps
    var leaves = values + (Int(group.leaf) - size)
    for _ in 0..<group.count {
      sum += leaves[descend(own, steps)]
      own += size
      leaves += size
    }
  }

  /// Sends all trees through their first blocks, then those that are not at a leaf through their next ones.
  @inline(__always)
  private func addBlocks(_ group: RowForest<Place>.Group, to sum: inout Sum) {
    let count = Int(group.count)
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: RowForest<Place>.trees) { ends in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: RowForest<Place>.trees) { open in
        guard let ends = ends.baseAddress, let open = open.baseAddress else { return }
        let roots = roots + Int(group.first)
        var left = 0
        for tree in 0..<count {
          let end = self.end(ofBlock: Int(roots[tree]))
          ends[tree] = end
          open[left] = UInt8(truncatingIfNeeded: tree)
          left &+= Int(UInt32(bitPattern: end) >> 31)
        }
        while left > 0 {
          var still = 0
          for place in 0..<left {
            let tree = open[place]
            let end = self.end(ofBlock: Int(~ends[Int(tree)]))
            ends[Int(tree)] = end
            open[still] = tree
            still &+= Int(UInt32(bitPattern: end) >> 31)
          }
          left = still
        }
        for tree in 0..<count { sum += values[Int(ends[tree])] }
      }
    }
  }

  /// Where the path through a block ends.
  @inline(__always)
  private func end(ofBlock block: Int) -> Int32 {
    let first = block &* RowForest<Place>.blockSize
    return blockEnds[
      first &+ descend(blockTests + first, RowForest<Place>.blockLevels) &- RowForest<Place>.blockSize]
  }

  /// The position below a complete tree.
  @inline(__always)
  private func descend(_ tests: UnsafePointer<Place>, _ steps: Int) -> Int {
    var at = 1
    for _ in 0..<steps { at = 2 &* at &+ passes(tests[at]) }
    return at
  }

  /// 1 if the row passes a test, else 0.
  @inline(__always)
  private func passes(_ test: Place) -> Int { Int(answers[Int(test)]) }
}
