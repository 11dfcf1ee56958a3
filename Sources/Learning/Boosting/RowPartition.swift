import Compute

/// The rows of the tree under construction, grouped by node, each group in increasing order, with their packed
/// derivatives beside them.
final class RowPartition {
  let rows: Storage<Int32>
  let values: Storage<Int64>
  private let otherRows: Storage<Int32>
  private let otherValues: Storage<Int64>
  private let leftCounts: Storage<Int>

  /// Rows of one parallel item.
  private static let chunk = 8192

  init(capacity: Int) {
    rows = Storage(capacity, initial: 0)
    values = Storage(capacity, initial: 0)
    otherRows = Storage(capacity, initial: 0)
    otherValues = Storage(capacity, initial: 0)
    leftCounts = Storage(capacity / RowPartition.chunk + 1, initial: 0)
  }

  /// Reorders a node's rows so that the left ones come first, keeping their order; returns how many those are.
  ///
  /// - Parameters:
  ///   - words: the block of the split feature.
  ///   - test: which bins go left.
  func split(
    begin: Int, count: Int, words: UnsafePointer<UInt64>, test: GrownTree.Test, pool: ThreadPool
  ) -> Int {
    let table = Storage<UInt8>(256, initial: 0)
    for code in 0..<256 where code <= test.bin { table.pointer[code] = 1 }
    if test.missingBin < 256 { table.pointer[test.missingBin] = test.missingLeft ? 1 : 0 }
    let directions = table.pointer
    let shift = test.shift
    let chunk = RowPartition.chunk
    pool.parallelChunks(of: count, chunk: chunk) { range, _ in
      let first = begin + range.lowerBound
      let sourceRows = rows.pointer + first
      let sourceValues = values.pointer + first
      let otherRow = otherRows.pointer + first
      let otherValue = otherValues.pointer + first
      // Left rows stay in place, right rows go aside; both are written and one position advances.
      var left = 0
      var right = 0
      for i in 0..<range.count {
        let row = sourceRows[i]
        let value = sourceValues[i]
        let code = Int((words[Int(row)] >> shift) & 255)
        let goesLeft = Int(directions[code])
        sourceRows[left] = row
        sourceValues[left] = value
        otherRow[right] = row
        otherValue[right] = value
        left += goesLeft
        right += 1 - goesLeft
      }
      leftCounts.pointer[range.lowerBound / chunk] = left
    }
    return gather(begin: begin, count: count)
  }

  /// Moves the left rows of all chunks together and the right rows behind them.
  private func gather(begin: Int, count: Int) -> Int {
    let chunk = RowPartition.chunk
    let chunks = (count + chunk - 1) / chunk
    var left = 0
    for c in 0..<chunks {
      let first = begin + c * chunk
      let size = leftCounts.pointer[c]
      if first != begin + left {
        (rows.pointer + begin + left).update(from: rows.pointer + first, count: size)
        (values.pointer + begin + left).update(from: values.pointer + first, count: size)
      }
      left += size
    }
    var right = begin + left
    for c in 0..<chunks {
      let first = begin + c * chunk
      let size = min(chunk, count - c * chunk) - leftCounts.pointer[c]
      (rows.pointer + right).update(from: otherRows.pointer + first, count: size)
      (values.pointer + right).update(from: otherValues.pointer + first, count: size)
      right += size
    }
    return left
  }
}
