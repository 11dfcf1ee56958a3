import Compute

/// The rows of the tree under construction, grouped by node, each group in increasing order, with their packed
/// derivatives beside them.
///
/// There are two copies: a split reads a node's rows from one and writes its children's to the other, so that all
/// chunks move at the same time.
final class RowPartition {
  private let rowCopies: [Storage<Int32>]
  private let valueCopies: [Storage<Int64>]
  private let goesLeft: Storage<UInt8>
  private let leftCounts: Storage<Int>

  /// Rows of one parallel item.
  fileprivate static let chunk = 8192

  init(capacity: Int) {
    rowCopies = (0..<2).map { _ in Storage(capacity, initial: 0) }
    valueCopies = (0..<2).map { _ in Storage(capacity, initial: 0) }
    goesLeft = Storage(capacity, initial: 0)
    leftCounts = Storage(capacity / RowPartition.chunk + 1, initial: 0)
  }

  /// Row numbers of a copy.
  @inline(__always)
  func rows(_ copy: Int) -> UnsafeMutablePointer<Int32> { rowCopies[copy].pointer }

  /// Packed derivatives of a copy.
  @inline(__always)
  func values(_ copy: Int) -> UnsafeMutablePointer<Int64> { valueCopies[copy].pointer }

  /// Writes a node's rows to the other copy, the left ones first, in their order; returns how many those are.
  ///
  /// - Parameters:
  ///   - copy: where the node's rows are.
  ///   - words: the block of the split feature.
  ///   - test: which bins go left.
  func split(
    begin: Int, count: Int, copy: Int, words: UnsafePointer<UInt64>, test: GrownTree.Test, pool: ThreadPool
  ) -> Int {
    let chunk = RowPartition.chunk
    var move = RowMove(
      rows: rows(copy) + begin, values: values(copy) + begin, flags: goesLeft.pointer + begin,
      counts: leftCounts.pointer, targetRows: rows(1 - copy) + begin, targetValues: values(1 - copy) + begin,
      words: words, test: test)
    pool.parallelChunks(of: count, chunk: chunk, with: move) { move, range, _ in
      move.counts[range.lowerBound / RowPartition.chunk] = move.flag(range)
    }
    for c in 0..<(count + chunk - 1) / chunk {
      let own = move.counts[c]
      move.counts[c] = move.lefts
      move.lefts += own
    }
    pool.parallelChunks(of: count, chunk: chunk, with: move) { move, range, _ in
      move.scatter(range, leftsBefore: move.counts[range.lowerBound / RowPartition.chunk])
    }
    return move.lefts
  }
}

/// The rows of a node on their way to its children.
private struct RowMove {
  let rows: UnsafeMutablePointer<Int32>
  let values: UnsafeMutablePointer<Int64>
  let flags: UnsafeMutablePointer<UInt8>
  /// Left rows of each chunk, then of all chunks before it.
  let counts: UnsafeMutablePointer<Int>
  let targetRows: UnsafeMutablePointer<Int32>
  let targetValues: UnsafeMutablePointer<Int64>
  let words: UnsafePointer<UInt64>
  let test: GrownTree.Test
  /// Left rows of the node.
  var lefts = 0

  /// Notes which rows of a range go left and returns how many.
  func flag(_ range: Range<Int>) -> Int {
    let limit = test.bin
    let missingBin = test.missingBin
    let missing = test.missingLeft ? 1 : 0
    var left = 0
    if test.isCategorical {
      for i in range {
        let code = Int((words[Int(rows[i])] >> test.shift) & 255)
        let direction = test.leftBins.holds(code) ? 1 : 0
        flags[i] = UInt8(truncatingIfNeeded: direction)
        left += direction
      }
      return left
    }
    for i in range {
      let code = Int((words[Int(rows[i])] >> test.shift) & 255)
      // Arithmetic instead of branches: the directions of neighbouring rows cannot be predicted.
      let isMissing = code == missingBin ? 1 : 0
      let isLow = code <= limit ? 1 : 0
      let direction = (isMissing & missing) | (isLow & (1 - isMissing))
      flags[i] = UInt8(truncatingIfNeeded: direction)
      left += direction
    }
    return left
  }

  /// Writes the rows of a range to their places.
  func scatter(_ range: Range<Int>, leftsBefore: Int) {
    var left = leftsBefore
    var right = lefts + range.lowerBound - left
    for i in range {
      let isLeft = Int(flags[i])
      let place = right &+ ((left &- right) & (0 &- isLeft))
      targetRows[place] = rows[i]
      targetValues[place] = values[i]
      left &+= isLeft
      right &+= 1 &- isLeft
    }
  }
}
