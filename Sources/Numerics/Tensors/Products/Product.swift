extension Workspace {
  /// `a·b` over the last two axes, either operand transposed: (…, m, k)·(…, k, n) → (…, m, n).
  public func product(
    _ a: Tensor, transposedA: Bool = false, _ b: Tensor, transposedB: Bool = false
  ) -> Tensor {
    let rank = a.shape.rank
    require(rank >= 2 && rank == b.shape.rank, "product: \(a.shape) and \(b.shape) differ in rank")
    let (aRows, aColumns) = (a.shape[rank - 2], a.shape[rank - 1])
    let (bRows, bColumns) = (b.shape[rank - 2], b.shape[rank - 1])
    let (m, k) = transposedA ? (aColumns, aRows) : (aRows, aColumns)
    let (inner, n) = transposedB ? (bColumns, bRows) : (bRows, bColumns)
    let batch = a.shape.before(rank - 2)
    require(k == inner && batch == b.shape.before(rank - 2), "product: \(a.shape) does not fit \(b.shape)")
    let result = tensor(a.shape.replacing(rank - 2, with: m).replacing(rank - 1, with: n))
    let (x, y, z) = (a.pointer, b.pointer, result.pointer)
    let (aRow, aDepth) = transposedA ? (1, m) : (k, 1)
    if k == 0 {
      z.update(repeating: 0, count: result.count)
      return result
    }
    let space = PackedMatrix.capacity(columns: n, depth: k)
    if batch == 1 {
      let packed = storage(space)
      let panels = packed.pointer
      PackedMatrix.pack(y, isTransposed: transposedB, columns: n, depth: k, into: panels)
      rowBlocks(m, 64) { first, count, _ in
        BlockProduct.multiply(
          rows: count, columns: n, depth: k, a: x + first * aRow, aRow: aRow, aDepth: aDepth,
          aGroup: 8 * aRow, b: panels, bDepth: 32, panelStride: 32 * k, bias: nil, c: z + first * n, cRow: n,
          adding: false)
      }
      return result
    }
    let scratch = scratch(space)
    pool.parallelFor(count: batch) { item, lane in
      let panels = scratch[lane]
      PackedMatrix.pack(y + item * k * n, isTransposed: transposedB, columns: n, depth: k, into: panels)
      BlockProduct.multiply(
        rows: m, columns: n, depth: k, a: x + item * m * k, aRow: aRow, aDepth: aDepth, aGroup: 8 * aRow,
        b: panels, bDepth: 32, panelStride: 32 * k, bias: nil, c: z + item * m * n, cRow: n, adding: false)
    }
    return result
  }
}

extension PackedMatrix {
  /// Packs a contiguous `b`, (columns, depth) when transposed, else (depth, columns).
  static func pack(
    _ b: UnsafePointer<Float>, isTransposed: Bool, columns: Int, depth: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    if isTransposed {
      pack(transposed: b, stride: depth, columns: columns, depth: depth, into: packed)
    } else {
      pack(b, stride: columns, columns: columns, depth: depth, into: packed)
    }
  }
}
