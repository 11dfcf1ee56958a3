/// A number that differs, almost surely, where two tables differ in any value or in the order of their rows.
///
/// The hash of Fowler, Noll and Vo over 32-bit words.
struct RowFingerprint {
  /// The number so far.
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Takes a table in.
  mutating func add(_ table: TrainingTable) {
    add(UInt32(truncatingIfNeeded: table.rows))
    for name in table.kinds.flatMap({ $0.vocabulary ?? [] }) {
      for byte in name.utf8 { add(UInt32(byte)) }
      add(.max)
    }
    for column in table.columns + [table.labels, table.weights ?? [], table.baseMargins ?? []] {
      add(UInt32(truncatingIfNeeded: column.count))
      for number in column { add(number.bitPattern) }
    }
  }

  /// Takes margins in.
  mutating func add(_ margins: [Double]) {
    for margin in margins {
      add(UInt32(truncatingIfNeeded: margin.bitPattern))
      add(UInt32(truncatingIfNeeded: margin.bitPattern >> 32))
    }
  }

  @inline(__always)
  private mutating func add(_ word: UInt32) { value = (value ^ UInt64(word)) &* 0x100_0000_01b3 }
}
