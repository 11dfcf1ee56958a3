/// Products of blocks on one lane, in tiles of 8 × 32.
///
/// Every element is one sum over the depth in increasing order, whatever the number of rows, so a row's result does not
/// depend on the batch it is part of.
enum BlockProduct {
  /// The depth that one pass over a panel takes, so that the panel stays in the first-level cache.
  static let depthBlock = 256

  /// `c (+)= a·b + bias`: a (rows, depth) with free strides, b in panels of 32 columns `panelStride` apart.
  ///
  /// Groups of 8 rows of a begin `aGroup` apart, 8·`aRow` for a plain matrix.
  /// With `bDepth` = 32 and `panelStride` = 32·depth the panels are packed; with `bDepth` a row's stride and `panelStride` = 32
  /// they are read in place, for which the columns must be a multiple of 32.
  static func multiply(
    rows: Int, columns: Int, depth: Int,
    a: UnsafePointer<Float>, aRow: Int, aDepth: Int, aGroup: Int,
    b: UnsafePointer<Float>, bDepth: Int, panelStride: Int,
    bias: UnsafePointer<Float>?, c: UnsafeMutablePointer<Float>, cRow: Int, adding: Bool
  ) {
    if rows <= 0 || columns <= 0 { return }
    var start = 0
    let passes = max(1, (depth + depthBlock - 1) / depthBlock)
    let longest = (depth + passes - 1) / passes
    repeat {
      let part = min(longest, depth - start)
      let isAdding = adding || start > 0
      pass(
        rows: rows, columns: columns, depth: part, a: a + start * aDepth, aRow: aRow, aDepth: aDepth,
        aGroup: aGroup,
        b: b + start * bDepth, bDepth: bDepth, panelStride: panelStride, bias: bias, c: c, cRow: cRow,
        adding: isAdding)
      start += part
    } while start < depth
  }

  /// One stretch of the depth: panel by panel, so that a panel is read from the nearest cache for all rows.
  private static func pass(
    rows: Int, columns: Int, depth: Int,
    a: UnsafePointer<Float>, aRow: Int, aDepth: Int, aGroup: Int,
    b: UnsafePointer<Float>, bDepth: Int, panelStride: Int,
    bias: UnsafePointer<Float>?, c: UnsafeMutablePointer<Float>, cRow: Int, adding: Bool
  ) {
    var column = 0
    var panel = b
    if rows <= 2 {
      while columns - column > 96 {
        let width = min(128, columns - column)
        for row in 0..<rows {
          rowTile(
            depth: depth, columns: width, a: a + row * aRow, aDepth: aDepth, b: panel, bDepth: bDepth,
            panelStride: panelStride, bias: bias.map { $0 + column }, c: c + row * cRow + column,
            adding: adding)
        }
        column += width
        panel += 4 * panelStride
      }
    }
    // One or two rows by themselves would wait for their own sums, so a tile of eight takes them along where it can.
    let reach = aGroup == 8 * aRow ? 11 : 8
    while column < columns {
      let width = min(32, columns - column)
      let start = bias.map { $0 + column }
      var row = 0
      while row + reach <= rows {
        full(
          depth, width, a + row / 8 * aGroup, aRow, aDepth, panel, bDepth, start, c + row * cRow + column,
          cRow,
          adding)
        row += 8
      }
      if row < rows {
        rest(
          rows - row, depth, width, a + row / 8 * aGroup, aRow, aDepth, panel, bDepth, start,
          c + row * cRow + column, cRow, adding)
      }
      column += width
      panel += panelStride
    }
  }

  @inline(__always)
  private static func any<let rows: Int>(
    _ size: InlineArray<rows, Bool>.Type, _ depth: Int, _ columns: Int, _ a: UnsafePointer<Float>,
    _ aRow: Int, _ aDepth: Int, _ b: UnsafePointer<Float>, _ bDepth: Int, _ bias: UnsafePointer<Float>?,
    _ c: UnsafeMutablePointer<Float>, _ cRow: Int, _ adding: Bool
  ) {
    if columns > 16 {
      tile(
        size, depth: depth, columns: columns, a: a, aRow: aRow, aDepth: aDepth, b: b, bDepth: bDepth,
        bias: bias, c: c, cRow: cRow, adding: adding)
    } else {
      narrowTile(
        size, depth: depth, columns: columns, a: a, aRow: aRow, aDepth: aDepth, b: b, bDepth: bDepth,
        bias: bias, c: c, cRow: cRow, adding: adding)
    }
  }

  @inline(never)
  private static func full(
    _ depth: Int, _ columns: Int, _ a: UnsafePointer<Float>, _ aRow: Int, _ aDepth: Int,
    _ b: UnsafePointer<Float>, _ bDepth: Int, _ bias: UnsafePointer<Float>?,
    _ c: UnsafeMutablePointer<Float>, _ cRow: Int, _ adding: Bool
  ) {
    any(InlineArray<8, Bool>.self, depth, columns, a, aRow, aDepth, b, bDepth, bias, c, cRow, adding)
  }

  /// The last one to ten rows.
  @inline(never)
  private static func rest(
    _ rows: Int, _ depth: Int, _ columns: Int, _ a: UnsafePointer<Float>, _ aRow: Int, _ aDepth: Int,
    _ b: UnsafePointer<Float>, _ bDepth: Int, _ bias: UnsafePointer<Float>?,
    _ c: UnsafeMutablePointer<Float>, _ cRow: Int, _ adding: Bool
  ) {
    switch rows {
    case 1: any(InlineArray<1, Bool>.self, depth, columns, a, aRow, aDepth, b, bDepth, bias, c, cRow, adding)
    case 2: any(InlineArray<2, Bool>.self, depth, columns, a, aRow, aDepth, b, bDepth, bias, c, cRow, adding)
    case 3: any(InlineArray<3, Bool>.self, depth, columns, a, aRow, aDepth, b, bDepth, bias, c, cRow, adding)
    case 4: any(InlineArray<4, Bool>.self, depth, columns, a, aRow, aDepth, b, bDepth, bias, c, cRow, adding)
    case 5: any(InlineArray<5, Bool>.self, depth, columns, a, aRow, aDepth, b, bDepth, bias, c, cRow, adding)
    case 6: any(InlineArray<6, Bool>.self, depth, columns, a, aRow, aDepth, b, bDepth, bias, c, cRow, adding)
    case 7: any(InlineArray<7, Bool>.self, depth, columns, a, aRow, aDepth, b, bDepth, bias, c, cRow, adding)
    case 8: any(InlineArray<8, Bool>.self, depth, columns, a, aRow, aDepth, b, bDepth, bias, c, cRow, adding)
    case 9: any(InlineArray<9, Bool>.self, depth, columns, a, aRow, aDepth, b, bDepth, bias, c, cRow, adding)
    default:
      any(InlineArray<10, Bool>.self, depth, columns, a, aRow, aDepth, b, bDepth, bias, c, cRow, adding)
    }
  }
}
