import Compute

/// The combination of values of a projection as one number for each row, and how often each occurs.
final class CategoryIndex: Sendable {
  /// (rows); combinations are numbered in the order in which they occur first, -1 where a category is missing.
  let ids: [Int32]
  /// Rows of each combination.
  let totals: [Int32]
  /// Rows of the most frequent combination.
  let largestTotal: Int32

  /// Number of combinations.
  var count: Int { totals.count }

  init(_ projection: CategoryProjection, dataset: ObliviousDataset) {
    var ids = [Int32](repeating: 0, count: dataset.rows)
    var count = 1
    for column in projection.columns {
      let codes = dataset.codes[column]
      let width = max(1, Int(codes.max() ?? 0) + 1)
      count = CategoryIndex.combine(&ids, count: count, width: width) { Int(codes[$0]) }
    }
    for test in projection.tests {
      guard case .feature(let feature) = test.source else { continue }
      let block = dataset.blocks[feature / WordBlock.width]
      let level = LevelTest(
        words: block.words.pointer, shift: UInt64(8 * (feature % WordBlock.width)), bin: test.bin,
        isEquality: test.isEquality)
      count = CategoryIndex.combine(&ids, count: count, width: 2) { level.side($0) }
    }
    var totals = [Int32](repeating: 0, count: count)
    for id in ids where id >= 0 { totals[Int(id)] += 1 }
    self.ids = ids
    self.totals = totals
    largestTotal = totals.max() ?? 0
  }

  /// Numbers the pairs of an id and a further code, -1 where either is; returns how many there are.
  private static func combine(
    _ ids: inout [Int32], count: Int, width: Int, code: (Int) -> Int
  ) -> Int {
    let (room, overflow) = count.multipliedReportingOverflow(by: width)
    if !overflow, room <= max(1 << 16, 4 * ids.count) {
      var numbers = [Int32](repeating: -1, count: room)
      var next: Int32 = 0
      for row in ids.indices where ids[row] >= 0 {
        let part = code(row)
        if part < 0 {
          ids[row] = -1
          continue
        }
        let key = Int(ids[row]) * width + part
        if numbers[key] < 0 {
          numbers[key] = next
          next += 1
        }
        ids[row] = numbers[key]
      }
      return Int(next)
    }
    var numbers: [UInt64: Int32] = [:]
    var next: Int32 = 0
    for row in ids.indices where ids[row] >= 0 {
      let part = code(row)
      if part < 0 {
        ids[row] = -1
        continue
      }
      let key = UInt64(ids[row]) << 32 | UInt64(part)
      if let known = numbers[key] {
        ids[row] = known
      } else {
        numbers[key] = next
        ids[row] = next
        next += 1
      }
    }
    return Int(next)
  }
}
