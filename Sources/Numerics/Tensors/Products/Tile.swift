/// The innermost product: `rows` × 32 elements of `c` in registers over the whole depth.
///
/// `c[i][j] = bias[j] (or 0, or c[i][j]) + Σ_k a[i·aRow + k·aDepth]·b[k·bDepth + j]`. The strides of `a` serve both a matrix and
/// its transpose. 8 rows of two accumulators leave room for the operands in 32 registers.
@inline(__always)
func tile<let rows: Int>(
  _ size: InlineArray<rows, Bool>.Type, depth: Int, columns: Int,
  a: UnsafePointer<Float>, aRow: Int, aDepth: Int,
  b: UnsafePointer<Float>, bDepth: Int,
  bias: UnsafePointer<Float>?,
  c: UnsafeMutablePointer<Float>, cRow: Int, adding: Bool
) {
  var low = InlineArray<rows, Vector>(repeating: .zero)
  var high = InlineArray<rows, Vector>(repeating: .zero)
  let lowColumns = min(columns, 16)
  let highColumns = columns - lowColumns
  if adding {
    for i in 0..<rows {
      low[i] = load(c + i * cRow, first: lowColumns)
      high[i] = load(c + i * cRow + lowColumns, first: highColumns)
    }
  } else if let bias {
    let first = load(bias, first: lowColumns)
    let second = load(bias + lowColumns, first: highColumns)
    for i in 0..<rows {
      low[i] = first
      high[i] = second
    }
  }
  var left = a
  var right = b
  for _ in 0..<depth {
    let first = load(right)
    let second = load(right + 16)
    for i in 0..<rows {
      let factor = Vector(repeating: left[i * aRow])
      low[i] = low[i].addingProduct(factor, first)
      high[i] = high[i].addingProduct(factor, second)
    }
    left += aDepth
    right += bDepth
  }
  if columns == 32 {
    for i in 0..<rows {
      store(low[i], c + i * cRow)
      store(high[i], c + i * cRow + 16)
    }
  } else {
    for i in 0..<rows {
      store(low[i], c + i * cRow, first: lowColumns)
      store(high[i], c + i * cRow + lowColumns, first: highColumns)
    }
  }
}

/// The same for at most 16 columns: one accumulator a row.
@inline(__always)
func narrowTile<let rows: Int>(
  _ size: InlineArray<rows, Bool>.Type, depth: Int, columns: Int,
  a: UnsafePointer<Float>, aRow: Int, aDepth: Int,
  b: UnsafePointer<Float>, bDepth: Int,
  bias: UnsafePointer<Float>?,
  c: UnsafeMutablePointer<Float>, cRow: Int, adding: Bool
) {
  var sums = InlineArray<rows, Vector>(repeating: .zero)
  if adding {
    for i in 0..<rows { sums[i] = load(c + i * cRow, first: columns) }
  } else if let bias {
    let first = load(bias, first: columns)
    for i in 0..<rows { sums[i] = first }
  }
  var left = a
  var right = b
  for _ in 0..<depth {
    let first = load(right)
    for i in 0..<rows { sums[i] = sums[i].addingProduct(Vector(repeating: left[i * aRow]), first) }
    left += aDepth
    right += bDepth
  }
  for i in 0..<rows { store(sums[i], c + i * cRow, first: columns) }
}

/// One row over four panels at once, eight accumulators: a single row would otherwise wait for its own sums.
@inline(__always)
func rowTile(
  depth: Int, columns: Int, a: UnsafePointer<Float>, aDepth: Int,
  b: UnsafePointer<Float>, bDepth: Int, panelStride: Int,
  bias: UnsafePointer<Float>?, c: UnsafeMutablePointer<Float>, adding: Bool
) {
  var sums = InlineArray<8, Vector>(repeating: .zero)
  for j in 0..<8 {
    let first = min(16 * j, columns)
    let filled = min(16, columns - first)
    if adding {
      sums[j] = load(c + first, first: filled)
    } else if let bias {
      sums[j] = load(bias + first, first: filled)
    }
  }
  var left = a
  var right = b
  for _ in 0..<depth {
    let factor = Vector(repeating: left[0])
    for j in 0..<4 {
      sums[2 * j] = sums[2 * j].addingProduct(factor, load(right + j * panelStride))
      sums[2 * j + 1] = sums[2 * j + 1].addingProduct(factor, load(right + j * panelStride + 16))
    }
    left += aDepth
    right += bDepth
  }
  for j in 0..<8 {
    let first = min(16 * j, columns)
    store(sums[j], c + first, first: min(16, columns - first))
  }
}
