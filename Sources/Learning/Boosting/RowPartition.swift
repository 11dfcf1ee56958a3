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
  private let waitingRows: Storage<Int32>
  private let waitingValues: Storage<Int64>

  /// Rows of one parallel item; fewer are moved by one thread.
  fileprivate static let chunk = 4096

  init(capacity: Int) {
    rowCopies = (0..<2).map { _ in Storage(capacity, initial: 0) }
    valueCopies = (0..<2).map { _ in Storage(capacity, initial: 0) }
    goesLeft = Storage(capacity, initial: 0)
    leftCounts = Storage(capacity / RowPartition.chunk + 1, initial: 0)
    waitingRows = Storage(RowPartition.chunk, initial: 0)
    waitingValues = Storage(RowPartition.chunk, initial: 0)
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
    let source = Group(rows: rows(copy) + begin, values: values(copy) + begin)
    let target = Group(rows: rows(1 - copy) + begin, values: values(1 - copy) + begin)
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { directions in
      guard let directions = directions.baseAddress else { return 0 }
      test.fill(directions)
      let column = RowColumn(words: words, shift: test.shift, directions: SharedPointer(directions))
      if count <= RowPartition.chunk { return splitAlone(source, target, count, column) }
      return splitTogether(source, target, begin, count, column, pool)
    }
  }

  /// Rows and their derivatives of one node.
  private struct Group: @unchecked Sendable {
    let rows: UnsafeMutablePointer<Int32>
    let values: UnsafeMutablePointer<Int64>
  }

  /// Where the rows' bytes are, and which of them go left.
  private struct RowColumn: @unchecked Sendable {
    let bytes: UnsafePointer<UInt8>
    let directions: UnsafePointer<UInt8>

    init(words: UnsafePointer<UInt64>, shift: UInt64, directions: SharedPointer<UInt8>) {
      // Words are stored with the lowest byte first.
      bytes = UnsafeRawPointer(words).assumingMemoryBound(to: UInt8.self) + Int(shift / 8)
      self.directions = UnsafePointer(directions.pointer)
    }

    /// 1 if a row goes left, else 0.
    @inline(__always)
    func direction(_ row: Int32) -> Int { Int(directions[Int(bytes[8 * Int(row)])]) }
  }

  /// In one pass: right rows wait beside until it is known where they begin.
  private func splitAlone(_ source: Group, _ target: Group, _ count: Int, _ column: RowColumn) -> Int {
    let waitingRows = self.waitingRows.pointer
    let waitingValues = self.waitingValues.pointer
    var left = 0
    for i in 0..<count {
      let row = source.rows[i]
      let value = source.values[i]
      // Both places are written, the wrong one is written over: directions of neighbouring rows cannot be predicted.
      target.rows[left] = row
      target.values[left] = value
      waitingRows[i &- left] = row
      waitingValues[i &- left] = value
      left &+= column.direction(row)
    }
    (target.rows + left).update(from: waitingRows, count: count - left)
    (target.values + left).update(from: waitingValues, count: count - left)
    return left
  }

  /// In two passes over chunks: how many rows of each go left, then each chunk to its place.
  private func splitTogether(
    _ source: Group, _ target: Group, _ begin: Int, _ count: Int, _ column: RowColumn, _ pool: ThreadPool
  ) -> Int {
    let chunk = RowPartition.chunk
    var move = Move(
      source: source, target: target, column: column, flags: goesLeft.pointer + begin,
      counts: leftCounts.pointer)
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

  /// The rows of a node on their way to its children, without anything that a parallel region would have to keep.
  private struct Move {
    let source: Group
    let target: Group
    let column: RowColumn
    let flags: UnsafeMutablePointer<UInt8>
    /// Left rows of each chunk, then of all chunks before it.
    let counts: UnsafeMutablePointer<Int>
    /// Left rows of the node.
    var lefts = 0

    /// Notes which rows of a range go left and returns how many.
    func flag(_ range: Range<Int>) -> Int {
      var left = 0
      for i in range {
        let direction = column.direction(source.rows[i])
        flags[i] = UInt8(truncatingIfNeeded: direction)
        left += direction
      }
      return left
    }

    /// Moves the rows of a range.
    func scatter(_ range: Range<Int>, leftsBefore: Int) {
      var left = leftsBefore
      var right = lefts + range.lowerBound - left
      for i in range {
        let isLeft = Int(flags[i])
        let place = right &+ ((left &- right) & (0 &- isLeft))
        target.rows[place] = source.rows[i]
        target.values[place] = source.values[i]
        left &+= isLeft
        right &+= 1 &- isLeft
      }
    }
  }
}
