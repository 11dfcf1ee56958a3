import Compute

/// How a row's bin decides at a level of an oblivious tree.
struct LevelTest {
  /// Bins of the tested feature and others, by row.
  enum Words {
    case wide(UnsafePointer<UInt64>)
    case narrow(UnsafePointer<UInt16>)
  }

  private let words: Words
  /// First of the feature's bits in a word.
  private let shift: Int
  private let bin: Int
  /// Whether only rows of `bin` go right, else all rows above it.
  private let isEquality: Bool

  /// The test of the feature at a place of a block, which must outlive it.
  init(_ block: BinBlock, place: Int, bin: Int, isEquality: Bool) {
    switch block {
    case .wide(let block):
      words = .wide(UnsafePointer(block.words.pointer))
      shift = 8 * place
    case .narrow(let block):
      words = .narrow(UnsafePointer(block.words.pointer))
      shift = 4 * place
    }
    self.bin = bin
    self.isEquality = isEquality
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
    let code: Int
    switch words {
    case .wide(let words): code = Int(truncatingIfNeeded: words[row] >> UInt64(shift)) & 255
    case .narrow(let words): code = Int(words[row] >> UInt16(truncatingIfNeeded: shift)) & 15
    }
    if isEquality { return code == bin ? 1 : 0 }
    return code > bin ? 1 : 0
  }

  /// Sets a bit for each position of a range whose row goes right.
  func mark(
    _ rows: UnsafeBufferPointer<Int32>, _ range: Range<Int>, bit: UInt16,
    in leaves: UnsafeMutablePointer<UInt16>
  ) {
    switch words {
    case .wide(let words): mark(words, mask: 255, rows, range, bit: bit, in: leaves)
    case .narrow(let words): mark(words, mask: 15, rows, range, bit: bit, in: leaves)
    }
  }

  /// Loops of their own keep the choice of test out of them.
  @inline(__always)
  private func mark<Word: FixedWidthInteger & UnsignedInteger>(
    _ words: UnsafePointer<Word>, mask: Word, _ rows: UnsafeBufferPointer<Int32>, _ range: Range<Int>,
    bit: UInt16, in leaves: UnsafeMutablePointer<UInt16>
  ) {
    let shift = Word(truncatingIfNeeded: shift)
    let limit = Word(truncatingIfNeeded: bin)
    if isEquality {
      for position in range {
        let code = (words[Int(rows[position])] &>> shift) & mask
        leaves[position] |= code == limit ? bit : 0
      }
    } else if isIdentity(rows, range) {
      for position in range {
        let code = (words[position] &>> shift) & mask
        leaves[position] |= code > limit ? bit : 0
      }
    } else {
      for position in range {
        let code = (words[Int(rows[position])] &>> shift) & mask
        leaves[position] |= code > limit ? bit : 0
      }
    }
  }

  /// Whether positions are rows.
  private func isIdentity(_ rows: UnsafeBufferPointer<Int32>, _ range: Range<Int>) -> Bool {
    var difference: Int32 = 0
    for position in range { difference |= rows[position] ^ Int32(truncatingIfNeeded: position) }
    return difference == 0
  }
}
