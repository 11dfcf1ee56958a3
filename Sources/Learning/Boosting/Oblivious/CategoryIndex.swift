import Compute

/// The combination of values of a projection as one number for each row, and how often each occurs.
///
/// Combinations are numbered in the order in which they occur first, so that the way in which they were put together
/// does not matter. Rows that are counted besides those of training come after them.
final class CategoryIndex: @unchecked Sendable {
  /// How many combinations there are.
  struct Count: Sendable {
    /// Those of the training rows.
    var trained = 0
    /// Those of all rows that are counted.
    var counted = 0
  }

  /// (rows that are counted); -1 where a category is missing.
  let ids: Storage<Int32>
  /// (combinations) rows of each one.
  private(set) var totals: Storage<Int32>
  /// Rows of the most frequent combination.
  private(set) var largestTotal: Int32 = 0
  /// Number of combinations.
  private(set) var count = Count()
  private let rows: Int

  /// Where numbers of combinations are looked up; one for each thread.
  final class Scratch {
    /// Numbers by combination, or by place in `keys`.
    fileprivate var numbers = Storage<Int32>(0, initial: 0)
    fileprivate var keys = Storage<UInt64>(0, initial: 0)
  }

  /// How the pairs of an id and a further code are numbered.
  private struct Numbering {
    let width: Int
    /// Whether there is an entry for every pair.
    let isDense: Bool
    let numbers: UnsafeMutablePointer<Int32>
    /// Pairs of open addressing, at most half full.
    let keys: UnsafeMutablePointer<UInt64>
    let bits: Int
  }

  /// Room for the combinations of a table, and of other rows that are counted.
  init(rows: Int, others: Int = 0) {
    self.rows = rows
    ids = Storage(rows + others, initial: 0)
    totals = Storage(0, initial: 0)
  }

  /// Takes the combinations of values of `base`, which may be this one, and a column.
  func assign(
    _ base: CategoryIndex, column: Int, dataset: ObliviousDataset, others: ObliviousDataset? = nil,
    scratch: Scratch
  ) {
    let width = max(dataset.codeCounts[column], others?.codeCounts[column] ?? 0)
    let numbering = begin(base, width: width, scratch)
    dataset.codes[column].withUnsafeBufferPointer { codes in
      number(0..<rows, base, numbering) { Int(codes[$0]) }
    }
    count.trained = count.counted
    others?.codes[column].withUnsafeBufferPointer { codes in
      number(rows..<ids.count, base, numbering) { Int(codes[$0 - rows]) }
    }
    end()
  }

  /// Takes the values of a column.
  func assign(
    column: Int, dataset: ObliviousDataset, others: ObliviousDataset? = nil, scratch: Scratch
  ) {
    clear()
    assign(self, column: column, dataset: dataset, others: others, scratch: scratch)
  }

  /// Takes the combinations of the outcomes of tests.
  func assign(
    tests: [ObliviousSplit], dataset: ObliviousDataset, others: ObliviousDataset? = nil, scratch: Scratch
  ) {
    clear()
    for test in tests { assign(self, test: test, dataset: dataset, others: others, scratch: scratch) }
  }

  /// Takes the combinations of those of `base`, which may be this one, and the outcome of a test of a feature.
  func assign(
    _ base: CategoryIndex, test: ObliviousSplit, dataset: ObliviousDataset, others: ObliviousDataset? = nil,
    scratch: Scratch
  ) {
    guard case .feature(let feature) = test.source else { preconditionFailure("statistics are not combined") }
    func level(of dataset: ObliviousDataset) -> LevelTest {
      LevelTest(feature: feature, bin: test.bin, isEquality: test.isEquality, of: dataset)
    }
    let numbering = begin(base, width: 2, scratch)
    let own = level(of: dataset)
    number(0..<rows, base, numbering) { own.side($0) }
    count.trained = count.counted
    if let others {
      let own = level(of: others)
      number(rows..<ids.count, base, numbering) { own.side($0 - rows) }
    }
    end()
  }

  /// Takes the one combination of nothing.
  private func clear() {
    ids.pointer.update(repeating: 0, count: ids.count)
    count = Count(trained: 1, counted: 1)
  }

  private func begin(_ base: CategoryIndex, width: Int, _ scratch: Scratch) -> Numbering {
    let all = ids.count
    let (room, overflow) = base.count.counted.multipliedReportingOverflow(by: width)
    let isDense = !overflow && room <= max(1 << 16, 4 * all)
    let most = isDense ? min(room, all) : all
    if totals.count < most { totals = Storage(most, initial: 0) }
    let bits = Int.bitWidth - (2 * all).leadingZeroBitCount
    let entries = isDense ? room : 1 << bits
    if scratch.numbers.count < entries { scratch.numbers = Storage(entries, initial: 0) }
    if !isDense, scratch.keys.count < entries { scratch.keys = Storage(entries, initial: 0) }
    scratch.numbers.pointer.update(repeating: -1, count: entries)
    count = Count()
    return Numbering(
      width: width, isDense: isDense, numbers: scratch.numbers.pointer, keys: scratch.keys.pointer, bits: bits
    )
  }

  /// Numbers the pairs of an id of `base` and a further code in a range of rows, -1 where either is.
  @inline(__always)
  private func number(
    _ range: Range<Int>, _ base: CategoryIndex, _ numbering: Numbering, code: (Int) -> Int
  ) {
    let source = base.ids.pointer
    let target = ids.pointer
    let totals = totals.pointer
    let (numbers, keys) = (numbering.numbers, numbering.keys)
    let (width, bits) = (numbering.width, numbering.bits)
    let mask = 1 << bits - 1
    var next = Int32(count.counted)
    if numbering.isDense {
      for row in range {
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
      for row in range {
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
    count.counted = Int(next)
  }

  private func end() {
    var largest: Int32 = 0
    for id in 0..<count.counted { largest = max(largest, totals.pointer[id]) }
    largestTotal = largest
  }
}
