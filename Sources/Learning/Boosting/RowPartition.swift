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
  private static let chunk = 8192

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
    let sourceRows = rows(copy) + begin
    let sourceValues = values(copy) + begin
    let flags = goesLeft.pointer + begin
    let counts = leftCounts.pointer
    pool.parallelChunks(of: count, chunk: chunk) { range, _ in
      let limit = test.bin
      let missingBin = test.missingBin
      let missing = test.missingLeft ? 1 : 0
      var left = 0
      if test.isCategorical {
        for i in range {
          let code = Int((words[Int(sourceRows[i])] >> test.shift) & 255)
          let direction = test.leftBins.holds(code) ? 1 : 0
          flags[i] = UInt8(truncatingIfNeeded: direction)
          left += direction
        }
        counts[range.lowerBound / chunk] = left
        return
      }
      for i in range {
        let code = Int((words[Int(sourceRows[i])] >> test.shift) & 255)
        // Arithmetic instead of branches: the directions of neighbouring rows cannot be predicted.
        let isMissing = code == missingBin ? 1 : 0
        let isLow = code <= limit ? 1 : 0
        let direction = (isMissing & missing) | (isLow & (1 - isMissing))
        flags[i] = UInt8(truncatingIfNeeded: direction)
        left += direction
      }
      counts[range.lowerBound / chunk] = left
    }
    var total = 0
    for c in 0..<(count + chunk - 1) / chunk {
      let own = counts[c]
      counts[c] = total
      total += own
    }
    let lefts = total
    let targetRows = rows(1 - copy) + begin
    let targetValues = values(1 - copy) + begin
    pool.parallelChunks(of: count, chunk: chunk) { range, _ in
      var left = counts[range.lowerBound / chunk]
      var right = lefts + range.lowerBound - left
      for i in range {
        let isLeft = Int(flags[i])
        let place = right &+ ((left &- right) & (0 &- isLeft))
        targetRows[place] = sourceRows[i]
        targetValues[place] = sourceValues[i]
        left &+= isLeft
        right &+= 1 &- isLeft
      }
    }
    return lefts
  }
}
