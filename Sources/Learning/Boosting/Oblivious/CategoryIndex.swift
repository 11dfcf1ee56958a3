import Compute

/// The combination of values of a projection as one number for each row, and how often each occurs.
///
/// Combinations are numbered in the order in which they occur first, so that the way in which they were put together
/// does not matter.
final class CategoryIndex: @unchecked Sendable {
  /// (rows); -1 where a category is missing.
  let ids: Storage<Int32>
  /// (count) rows of each combination.
  private(set) var totals: Storage<Int32>
  /// Rows of the most frequent combination.
  private(set) var largestTotal: Int32 = 0
  /// Number of combinations.
  private(set) var count = 0

  /// Where numbers of combinations are looked up; one for each thread.
  final class Scratch {
    /// Numbers by combination, or by place in `keys`.
    fileprivate var numbers = Storage<Int32>(0, initial: 0)
    fileprivate var keys = Storage<UInt64>(0, initial: 0)
  }

  /// Room for the combinations of a table.
  init(rows: Int) {
    ids = Storage(rows, initial: 0)
    totals = Storage(0, initial: 0)
  }

  /// Takes the combinations of values of `base` and a column.
  func assign(_ base: CategoryIndex, column: Int, dataset: ObliviousDataset, scratch: Scratch) {
    dataset.codes[column].withUnsafeBufferPointer { codes in
      combine(base, width: dataset.codeCounts[column], scratch) { Int(codes[$0]) }
    }
  }

  /// Takes the values of a column.
  func assign(column: Int, dataset: ObliviousDataset, scratch: Scratch) {
    ids.pointer.update(repeating: 0, count: ids.count)
    count = 1
    assign(self, column: column, dataset: dataset, scratch: scratch)
  }

  /// Takes the combinations of the outcomes of tests.
  func assign(tests: [ObliviousSplit], dataset: ObliviousDataset, scratch: Scratch) {
    ids.pointer.update(repeating: 0, count: ids.count)
    count = 1
    for test in tests {
      guard case .feature(let feature) = test.source else { continue }
      let level = LevelTest(feature: feature, bin: test.bin, isEquality: test.isEquality, of: dataset)
      combine(self, width: 2, scratch) { level.side($0) }
    }
  }

  /// Numbers the pairs of an id of `base`, which may be this one, and a further code, -1 where either is.
  @inline(__always)
  private func combine(_ base: CategoryIndex, width: Int, _ scratch: Scratch, code: (Int) -> Int) {
    let rows = ids.count
    let (room, overflow) = base.count.multipliedReportingOverflow(by: width)
    let isDense = !overflow && room <= max(1 << 16, 4 * rows)
    let most = isDense ? min(room, rows) : rows
    if totals.count < most { totals = Storage(most, initial: 0) }
    let source = base.ids.pointer
    let target = ids.pointer
    let totals = totals.pointer
    var next: Int32 = 0
    if isDense {
      if scratch.numbers.count < room { scratch.numbers = Storage(room, initial: 0) }
      let numbers = scratch.numbers.pointer
      numbers.update(repeating: -1, count: room)
      for row in 0..<rows {
        let part = code(row)
        let id = Int(source[row])
        if part < 0 || id < 0 {
          target[row] = -1
          continue
        }
        let key = id * width + part
        var number = numbers[key]
        if number < 0 {
          number = next
          numbers[key] = number
          totals[Int(number)] = 0
          next += 1
        }
        target[row] = number
        totals[Int(number)] += 1
      }
    } else {
      // Open addressing, at most half full.
      let bits = Int.bitWidth - (2 * rows).leadingZeroBitCount
      let mask = 1 << bits - 1
      if scratch.keys.count <= mask { scratch.keys = Storage(mask + 1, initial: 0) }
      if scratch.numbers.count <= mask { scratch.numbers = Storage(mask + 1, initial: 0) }
      let keys = scratch.keys.pointer
      let numbers = scratch.numbers.pointer
      numbers.update(repeating: -1, count: mask + 1)
      for row in 0..<rows {
        let part = code(row)
        let id = source[row]
        if part < 0 || id < 0 {
          target[row] = -1
          continue
        }
        let key = UInt64(id) << 32 | UInt64(part)
        var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - bits))
        while numbers[place] >= 0, keys[place] != key { place = (place + 1) & mask }
        var number = numbers[place]
        if number < 0 {
          number = next
          numbers[place] = number
          keys[place] = key
          totals[Int(number)] = 0
          next += 1
        }
        target[row] = number
        totals[Int(number)] += 1
      }
    }
    count = Int(next)
    var largest: Int32 = 0
    for id in 0..<count { largest = max(largest, totals[id]) }
    largestTotal = largest
  }
}
