/// The features of a block of rows that lie evenly in memory.
struct RowBlock {
  let base: UnsafePointer<Float>
  /// Distance between two features of one row, and between two rows of one feature, in elements.
  let featureStride: Int
  let rowStride: Int

  /// The block without its first rows.
  @inline(__always)
  func dropping(_ rows: Int) -> RowBlock {
    RowBlock(base: base + rows * rowStride, featureStride: featureStride, rowStride: rowStride)
  }
}

/// The features of a block of rows, wherever they lie.
enum BlockValues {
  case even(RowBlock)
  /// Columns of a table, and the block's first row in them.
  case columns([[Float]], first: Int)

  /// The block without its first rows.
  @inline(__always)
  func dropping(_ rows: Int) -> BlockValues {
    switch self {
    case .even(let block): .even(block.dropping(rows))
    case .columns(let columns, let first): .columns(columns, first: first + rows)
    }
  }

  /// Hands over the values of one feature and the distance between two rows.
  @inline(__always)
  func withFeature(_ feature: Int, _ body: (_ values: UnsafePointer<Float>, _ stride: Int) -> Void) {
    switch self {
    case .even(let block): body(block.base + feature * block.featureStride, block.rowStride)
    case .columns(let columns, let first):
      columns[feature].withUnsafeBufferPointer { column in
        guard let base = column.baseAddress else { return }
        body(base + first, 1)
      }
    }
  }

  /// Hands over the first `rows` rows one after another in memory, copied if need be.
  @inline(__always)
  func withRows(_ rows: Int, _ body: (RowBlock) -> Void) {
    switch self {
    case .even(let block): body(block)
    case .columns(let columns, let first):
      let features = columns.count
      withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, rows * features)) { scratch in
        guard let block = scratch.baseAddress else { return }
        for feature in 0..<features {
          columns[feature].withUnsafeBufferPointer { column in
            for row in 0..<rows { block[row * features + feature] = column[first + row] }
          }
        }
        body(RowBlock(base: block, featureStride: 1, rowStride: features))
      }
    }
  }
}
