import Compute

/// Bins of up to eight features, one byte each, in one 64-bit word of a row.
final class WordBlock: Sendable {
  /// Features of a block.
  static let width = BinnedDataset.blockFeatures
  /// (rows).
  let words: Storage<UInt64>

  /// A block whose bins are all 0.
  init(rows: Int) { words = Storage(rows, initial: 0) }
}

/// Bins of up to four features of at most sixteen bins, four bits each, in one 16-bit word of a row.
final class NarrowBlock: Sendable {
  /// Features of a block.
  static let width = 4
  /// Bins of a feature.
  static let bins = 16
  /// (rows).
  let words: Storage<UInt16>

  /// A block whose bins are all 0.
  init(rows: Int) { words = Storage(rows, initial: 0) }
}

/// Bins of several features, as narrow as their number allows.
enum BinBlock: Sendable {
  case wide(WordBlock)
  case narrow(NarrowBlock)

  /// A block whose bins are all 0.
  init(rows: Int, isNarrow: Bool) {
    self = isNarrow ? .narrow(NarrowBlock(rows: rows)) : .wide(WordBlock(rows: rows))
  }

  /// Features of a block.
  static func width(isNarrow: Bool) -> Int { isNarrow ? NarrowBlock.width : WordBlock.width }

  /// Bytes of a block.
  static func bytes(rows: Int, isNarrow: Bool) -> Int { rows * (isNarrow ? 2 : 8) }
}
