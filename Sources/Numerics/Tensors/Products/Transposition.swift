/// Transposes blocks of sixteen by sixteen in registers.
enum Transposition {
  /// Rows of a block become columns: x (rows, columns) with rows `stride` apart → vectors `apart` apart, one for each column, with
  /// zeros for the rows that are missing.
  @inline(always)
  static func block(
    _ x: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int, into target: UnsafeMutablePointer<Float>,
    apart: Int
  ) {
    var block = InlineArray<16, Vector>(repeating: .zero)
    if rows == 16 {
      for i in 0..<16 { block[i] = load(x + i * stride) }
    } else {
      for i in 0..<16 where i < rows { block[i] = load(x + i * stride) }
    }
    // Every round deals the rows out as a pack of cards is shuffled, from two halves in turn; after four the block lies on its side.
    var mixed = block
    shuffle(block, into: &mixed)
    shuffle(mixed, into: &block)
    shuffle(block, into: &mixed)
    shuffle(mixed, into: &block)
    if columns == 16 {
      for i in 0..<16 { store(block[i], target + i * apart) }
    } else {
      for i in 0..<16 where i < columns { store(block[i], target + i * apart) }
    }
  }

  @inline(always)
  private static func shuffle(_ rows: InlineArray<16, Vector>, into result: inout InlineArray<16, Vector>) {
    for i in 0..<8 {
      let (a, b) = (rows[i], rows[i + 8])
      result[2 * i].evenHalf = a.lowHalf
      result[2 * i].oddHalf = b.lowHalf
      result[2 * i + 1].evenHalf = a.highHalf
      result[2 * i + 1].oddHalf = b.highHalf
    }
  }
}
