import Compute

extension LevelPartition {
  /// Splits one leaf by a test: rows that fail keep its number, the others become a new last leaf; both keep their order.
  func split(leaf: Int, _ test: LevelTest, pool: ThreadPool) {
    let own = leaves[leaf]
    let chunk = LevelPartition.chunk
    let chunks = (own.count + chunk - 1) / chunk
    let rights = rights.pointer
    pool.parallelChunks(
      of: own.count, chunk: chunk, with: (rows + own.begin, flags.pointer + own.begin, rights, test)
    ) { work, range, _ in
      let (rows, flags, rights, test) = work
      var right = 0
      for i in range {
        let side = test.side(Int(rows[i]))
        flags[i] = UInt8(truncatingIfNeeded: side)
        right &+= side
      }
      rights[range.lowerBound / LevelPartition.chunk] = right
    }
    // From here on an entry is the number of right rows before its chunk.
    var total = 0
    for item in 0..<chunks {
      let right = rights[item]
      rights[item] = total
      total += right
    }
    let middle = own.count - total
    pool.parallelChunks(of: own.count, chunk: chunk, with: (self, own, middle)) { work, range, _ in
      work.0.move(range, of: work.1, middle: work.2)
    }
    // The leaf goes back into the copy that holds all others.
    pool.parallelChunks(of: own.count, chunk: chunk, with: (self, own)) { work, range, _ in
      work.0.copyBack(range, of: work.1)
    }
    leaves[leaf].count = middle
    leaves.append(Leaf(begin: own.begin + middle, count: total))
  }

  /// Moves the rows of a chunk of a leaf to where they go in the other copy.
  private func move(_ range: Range<Int>, of own: Leaf, middle: Int) {
    let before = rights.pointer[range.lowerBound / LevelPartition.chunk]
    let flags = flags.pointer + own.begin
    let (sourceRows, targetRows) = (rows + own.begin, rowCopies[1 - copy].pointer + own.begin)
    for output in 0..<outputs {
      let source = valueCopies[copy][output].pointer + own.begin
      let target = valueCopies[1 - copy][output].pointer + own.begin
      var left = range.lowerBound - before
      var right = middle + before
      for i in range {
        let isRight = Int(flags[i])
        let place = left &+ ((right &- left) & (0 &- isRight))
        target[place] = source[i]
        if output == 0 { targetRows[place] = sourceRows[i] }
        right &+= isRight
        left &+= 1 &- isRight
      }
    }
  }

  /// Takes a chunk of a leaf over from the other copy.
  private func copyBack(_ range: Range<Int>, of own: Leaf) {
    let begin = own.begin + range.lowerBound
    (rows + begin).update(from: rowCopies[1 - copy].pointer + begin, count: range.count)
    for output in 0..<outputs {
      (valueCopies[copy][output].pointer + begin).update(
        from: valueCopies[1 - copy][output].pointer + begin, count: range.count)
    }
  }
}
