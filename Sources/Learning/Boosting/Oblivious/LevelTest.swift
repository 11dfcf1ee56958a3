import Compute

/// How a row's bin decides at a level of an oblivious tree.
struct LevelTest {
  /// The byte with the tested feature's bin in the first row's word.
  private let first: UnsafePointer<UInt8>
  /// log2 of the bytes of a word.
  private let logBytes: Int
  /// Place of the bin in its byte, and what is left when it has been shifted down.
  private let shift: UInt8
  private let mask: UInt8
  /// Rows of the bins `least ... least + span` go right.
  private let least: UInt8
  private let span: UInt8

  /// The test of the feature at a place of a block, which must outlive it.
  ///
  /// - Parameter isEquality: whether only rows of `bin` go right, else all rows above it.
  init(_ block: BinBlock, place: Int, bin: Int, isEquality: Bool) {
    switch block {
    case .wide(let block):
      first = UnsafePointer(UnsafeRawPointer(block.words.pointer).assumingMemoryBound(to: UInt8.self)) + place
      logBytes = 3
      shift = 0
      mask = 255
    case .narrow(let block):
      first =
        UnsafePointer(UnsafeRawPointer(block.words.pointer).assumingMemoryBound(to: UInt8.self)) + place / 2
      logBytes = 1
      shift = UInt8(4 * (place % 2))
      mask = 15
    }
    least = UInt8(truncatingIfNeeded: isEquality ? bin : bin + 1)
    span = isEquality ? 0 : 254 - UInt8(truncatingIfNeeded: bin)
  }

  /// The test of bins of one byte each, which must outlive it; rows above `bin` go right.
  init(_ bins: Storage<UInt8>, bin: Int) {
    first = UnsafePointer(bins.pointer)
    logBytes = 0
    shift = 0
    mask = 255
    least = UInt8(truncatingIfNeeded: bin + 1)
    span = 254 - UInt8(truncatingIfNeeded: bin)
  }

  /// The test of a feature of a data set, which must outlive it.
  init(feature: Int, bin: Int, isEquality: Bool, of dataset: ObliviousDataset) {
    self.init(
      .wide(dataset.blocks[feature / WordBlock.width]), place: feature % WordBlock.width, bin: bin,
      isEquality: isEquality)
  }

  /// 1 if the row goes right.
  @inline(__always)
  func side(_ row: Int) -> Int {
    let code = (first[row &<< logBytes] &>> shift) & mask
    return code &- least <= span ? 1 : 0
  }

  /// Sets the leaves of positions: a bit for each test, from the lowest up.
  static func mark(
    _ tests: [LevelTest], _ rows: UnsafeBufferPointer<Int32>, _ range: Range<Int>,
    in leaves: UnsafeMutablePointer<UInt16>
  ) {
    if isIdentity(rows, range), tests.allSatisfy({ $0.logBytes == 3 }) {
      (leaves + range.lowerBound).update(repeating: 0, count: range.count)
      for (level, test) in tests.enumerated() { test.mark(range, bit: 1 &<< UInt16(level), in: leaves) }
      return
    }
    tests.withUnsafeBufferPointer { tests in
      for position in range {
        let row = Int(rows[position])
        var leaf = 0
        for level in 0..<tests.count { leaf |= tests[level].side(row) &<< level }
        leaves[position] = UInt16(truncatingIfNeeded: leaf)
      }
    }
  }

  /// Sets the leaves of positions that some tests have decided for all rows, and others are to decide.
  ///
  /// - Parameters:
  ///   - tests: each with the bit that it sets.
  ///   - known: (rows) of the bits that have been decided.
  static func mark(
    _ tests: [(bit: Int, test: LevelTest)], _ rows: UnsafeBufferPointer<Int32>, _ range: Range<Int>,
    known: UnsafePointer<UInt16>, in leaves: UnsafeMutablePointer<UInt16>
  ) {
    for position in range { leaves[position] = known[Int(rows[position])] }
    for (bit, test) in tests {
      for position in range {
        leaves[position] |= UInt16(truncatingIfNeeded: test.side(Int(rows[position])) &<< bit)
      }
    }
  }

  /// Sets a bit of rows that go right, whole words of eight features at a time: of a test of a data set's feature.
  func mark(_ range: Range<Int>, bit: UInt16, in leaves: UnsafeMutablePointer<UInt16>) {
    let place = Int(bitPattern: first) & 7
    let shift = UInt64(8 * place)
    UnsafeRawPointer(first - place).withMemoryRebound(to: UInt64.self, capacity: range.upperBound) { words in
      let (least, span) = (UInt64(least), UInt64(span))
      for row in range {
        let code = (words[row] &>> shift) & 255
        leaves[row] |= (code &- least) & 255 <= span ? bit : 0
      }
    }
  }

  /// Whether positions are rows.
  private static func isIdentity(_ rows: UnsafeBufferPointer<Int32>, _ range: Range<Int>) -> Bool {
    var difference: Int32 = 0
    for position in range { difference |= rows[position] ^ Int32(truncatingIfNeeded: position) }
    return difference == 0
  }
}
