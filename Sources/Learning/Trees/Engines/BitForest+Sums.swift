extension BitForest {
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
    withUnsafeTemporaryAllocation(byteCount: BitForest.columnLimit, alignment: BitForest.columnLimit) {
      guard let raw = $0.baseAddress else { return }
      let codes = raw.assumingMemoryBound(to: UInt8.self)
      FeatureCodes.encode(row: row, columns, count: columnCount, thresholds) { codes[$0] = $1 }
      sums(raw.assumingMemoryBound(to: CodeVector.self).pointee, outputs, values, start, store)
    }
  }

  @inline(__always)
  private func sums<Sum: BinaryFloatingPoint>(
    _ codes: CodeVector, _ outputs: Int, _ values: UnsafePointer<Sum>,
    _ start: (_ output: Int) -> Sum, _ store: (_ output: Int, _ sum: Sum) -> Void
  ) {
    var index = 0
    for output in 0..<outputs {
      var sum = start(output)
      while index < groupCount, groups[index].output == output {
        let group = groups[index]
        switch group.kind {
        case .symmetric: addSymmetric(group, codes, values, to: &sum)
        case .complete: addComplete(group, codes, values, to: &sum)
        case .paths:
          switch group.steps {
          case ...3: addPaths(group, steps: 3, codes, values, to: &sum)
          case 4: addPaths(group, steps: 4, codes, values, to: &sum)
          default: addPaths(group, steps: 6, codes, values, to: &sum)
          }
        }
        index += 1
      }
      store(output, sum)
    }
  }

  /// The answers to `count` vectors of tests, those of the first one in the highest bits.
  @inline(__always)
  private func answers(_ first: Int, _ count: Int, _ codes: CodeVector) -> CodeVector {
    var answers = CodeVector(repeating: 0)
    for vector in first..<first + count {
      let passes: CodeMask = codes.permuted(tests[vector].columns) .>= tests[vector].ranks
      answers = (answers &+ answers).incremented(where: passes)
    }
    return answers
  }

  /// The same for eight trees with one word each.
  @inline(__always)
  private func words(_ first: Int, _ codes: CodeVector) -> SIMD8<UInt64> {
    unsafeBitCast(answers(first, 8, codes), to: SIMD8<UInt64>.self)
  }

  @inline(__always)
  private func addSymmetric<Sum: BinaryFloatingPoint>(
    _ group: Group, _ codes: CodeVector, _ values: UnsafePointer<Sum>, to sum: inout Sum
  ) {
    let steps = Int(group.steps)
    var first = Int(group.first)
    var leaves = values + Int(group.leaf)
    var left = Int(group.count)
    while left > 0 {
      withUnsafeBytes(of: answers(first, steps, codes)) { numbers in
        for tree in 0..<min(left, BitForest.bytes) {
          sum += leaves[Int(numbers[tree])]
          leaves += 1 << steps
        }
      }
      first += steps
      left -= BitForest.bytes
    }
  }

  @inline(__always)
  private func addComplete<Sum: BinaryFloatingPoint>(
    _ group: Group, _ codes: CodeVector, _ values: UnsafePointer<Sum>, to sum: inout Sum
  ) {
    let one = SIMD8<UInt64>(repeating: 1)
    var first = Int(group.first)
    // The places below the last level are numbered from 64 on.
    var leaves = values + (Int(group.leaf) - BitForest.places)
    var left = Int(group.count)
    while left > 0 {
      let answers = words(first, codes)
      var at = one
      for _ in 0..<BitForest.completeDepth { at = at &+ at &+ ((answers &>> at) & one) }
      withUnsafeBytes(of: at) { places in
        let places = places.assumingMemoryBound(to: Int.self)
        for tree in 0..<min(left, BitForest.words) {
          sum += leaves[places[tree]]
          leaves += BitForest.places
        }
      }
      first += 8
      left -= BitForest.words
    }
  }

  @inline(__always)
  private func addPaths<Sum: BinaryFloatingPoint>(
    _ group: Group, steps: Int, _ codes: CodeVector, _ values: UnsafePointer<Sum>, to sum: inout Sum
  ) {
    var first = Int(group.first)
    var stays = passing + Int(group.passing)
    var leaves = values + Int(group.leaf)
    var nodes = paths + Int(group.path)
    var left = Int(group.count)
    while left > 0 {
      // Where the row leaves the path that a node is on.
      withUnsafeBytes(of: words(first, codes) ^ stays.pointee) { words in
        let words = words.assumingMemoryBound(to: UInt64.self)
        for tree in 0..<min(left, BitForest.words) {
          let exits = words[tree]
          var place = TreePaths.root
          for _ in 0..<steps {
            let open = exits & nodes[place]
            place = open == 0 ? place : open.trailingZeroBitCount
          }
          sum += leaves[place]
          leaves += BitForest.places
          nodes += BitForest.places
        }
      }
      first += 8
      stays += 1
      left -= BitForest.words
    }
  }
}
