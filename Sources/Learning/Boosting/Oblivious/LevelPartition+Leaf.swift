import Compute

extension LevelPartition {
  /// Splits one leaf by a test: rows that fail keep its number, the others become a new last leaf; both keep their order.
  func split(leaf: Int, _ test: LevelTest, pool: ThreadPool) {
    let own = leaves[leaf]
    let chunk = LevelPartition.chunk
    let chunks = (own.count + chunk - 1) / chunk
    let rights = Storage<Int>(chunks + 1, initial: 0)
    let (rows, flags) = (rows, flags.pointer)
    pool.parallelChunks(of: own.count, chunk: chunk) { range, _ in
      var right = 0
      for i in range {
        let side = test.side(Int(rows[own.begin + i]))
        flags[own.begin + i] = UInt8(truncatingIfNeeded: side)
        right &+= side
      }
      rights.pointer[range.lowerBound / chunk] = right
    }
    // From here on an entry is the number of right rows before its chunk.
    var total = 0
    for item in 0..<chunks {
      let right = rights.pointer[item]
      rights.pointer[item] = total
      total += right
    }
    let middle = own.count - total
    let (first, second) = (copy, 1 - copy)
    pool.parallelChunks(of: own.count, chunk: chunk) { range, _ in
      let before = rights.pointer[range.lowerBound / chunk]
      for output in 0..<outputs {
        let source = valueCopies[first][output].pointer + own.begin
        let target = valueCopies[second][output].pointer + own.begin
        var left = range.lowerBound - before
        var right = middle + before
        for i in range {
          let isRight = Int(flags[own.begin + i])
          let place = left &+ ((right &- left) & (0 &- isRight))
          target[place] = source[i]
          if output == 0 { rowCopies[second].pointer[own.begin + place] = rows[own.begin + i] }
          right &+= isRight
          left &+= 1 &- isRight
        }
      }
    }
    // The leaf goes back into the copy that holds all others.
    pool.parallelChunks(of: own.count, chunk: chunk) { range, _ in
      let begin = own.begin + range.lowerBound
      (rows + begin).update(from: rowCopies[second].pointer + begin, count: range.count)
      for output in 0..<outputs {
        (valueCopies[first][output].pointer + begin).update(
          from: valueCopies[second][output].pointer + begin, count: range.count)
      }
    }
    leaves[leaf].count = middle
    leaves.append(Leaf(begin: own.begin + middle, count: total))
  }
}
