extension WalkingForest {
  /// Rows that walk a tree side by side, so that their loads overlap.
  private static let lanes = 16

  /// Adds the trees' leaf values to the sums (rows, outputs) of `rows` rows.
  ///
  /// - Parameter values: one for each node.
  @inline(__always)
  func add<Sum: BinaryFloatingPoint>(
    _ block: RowBlock, rows: Int, values: UnsafePointer<Sum>, to sums: UnsafeMutablePointer<Sum>
  ) {
    nodes.withUnsafeBufferPointer { buffer in
      guard let table = buffer.baseAddress else { return }
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: WalkingForest.lanes) { scratch in
        guard let at = scratch.baseAddress else { return }
        for tree in 0..<roots.count {
          let output = sums + tree % outputs
          var row = 0
          while row + WalkingForest.lanes <= rows {
            step(table, tree, block, row, at)
            for lane in 0..<WalkingForest.lanes {
              output[(row + lane) * outputs] += values[Int(at[lane])]
            }
            row += WalkingForest.lanes
          }
          while row < rows {
            let leaf = walk(table, roots[tree], block.base + row * block.rowStride, block.featureStride)
            output[row * outputs] += values[Int(leaf)]
            row += 1
          }
        }
      }
    }
  }

  /// Takes a group of rows to their leaves; stops when a level has moved none of them.
  @inline(__always)
  private func step(
    _ table: UnsafePointer<WalkingNode>, _ tree: Int, _ block: RowBlock, _ row: Int,
    _ at: UnsafeMutablePointer<Int32>
  ) {
    for lane in 0..<WalkingForest.lanes { at[lane] = roots[tree] }
    let base = block.base + row * block.rowStride
    for _ in 0..<depths[tree] {
      var moved: Int32 = 0
      for lane in 0..<WalkingForest.lanes {
        let from = at[lane]
        let node = table[Int(from)]
        let feature = Int(node.featureAndMissing & 0x7FFF_FFFF)
        let x = base[lane * block.rowStride + feature * block.featureStride]
        let to = node.left &+ WalkingForest.side(x, node)
        moved |= to ^ from
        at[lane] = to
      }
      if moved == 0 { return }
    }
  }

  /// Takes one step down a tree, none at a leaf.
  /// - Returns: Zero exactly when nothing moved.
  @inline(__always)
  private func advance(
    _ at: inout Int32, _ table: UnsafePointer<WalkingNode>, _ row: UnsafePointer<Float>
  ) -> Int32 {
    let node = table[Int(at)]
    let to = node.left &+ WalkingForest.side(row[Int(node.featureAndMissing & 0x7FFF_FFFF)], node)
    let moved = to ^ at
    at = to
    return moved
  }

  /// Adds the leaf values of one row, each output's in tree order; eight trees of an output are walked side by side, so
  /// that their loads overlap.
  ///
  /// Side by side even a leaf reads a feature, so a row must have one. A forest without trees has no values.
  @inline(__always)
  func sums<Sum: BinaryFloatingPoint>(
    row: UnsafePointer<Float>, hasFeatures: Bool, values: UnsafePointer<Sum>?,
    start: (_ output: Int) -> Sum, store: (_ output: Int, _ sum: Sum) -> Void
  ) {
    nodes.withUnsafeBufferPointer { buffer in
      roots.withUnsafeBufferPointer { roots in
        guard let table = buffer.baseAddress, let values else {
          for output in 0..<outputs { store(output, start(output)) }
          return
        }
        for output in 0..<outputs {
          var sum = start(output)
          var tree = output
          while hasFeatures, tree + 7 * outputs < roots.count {
            var (a, b) = (roots[tree], roots[tree + outputs])
            var (c, d) = (roots[tree + 2 * outputs], roots[tree + 3 * outputs])
            var (e, f) = (roots[tree + 4 * outputs], roots[tree + 5 * outputs])
            var (g, h) = (roots[tree + 6 * outputs], roots[tree + 7 * outputs])
            var moved: Int32 = 1
            while moved != 0 {
              moved = advance(&a, table, row) | advance(&b, table, row) | advance(&c, table, row)
              moved |= advance(&d, table, row) | advance(&e, table, row) | advance(&f, table, row)
              moved |= advance(&g, table, row) | advance(&h, table, row)
            }
            sum += values[Int(a)]
            sum += values[Int(b)]
            sum += values[Int(c)]
            sum += values[Int(d)]
            sum += values[Int(e)]
            sum += values[Int(f)]
            sum += values[Int(g)]
            sum += values[Int(h)]
            tree += 8 * outputs
          }
          while tree < roots.count {
            sum += values[Int(walk(table, roots[tree], row, 1))]
            tree += outputs
          }
          store(output, sum)
        }
      }
    }
  }

  /// 1 if the row goes right, else 0; a leaf's test is never passed, and a leaf never sends a missing value right.
  @inline(__always)
  static func side(_ x: Float, _ node: WalkingNode) -> Int32 {
    let missing = Int32(bitPattern: node.featureAndMissing >> 31)
    let right: Int32 = x >= node.threshold ? 1 : 0
    let isMissing: Int32 = x != x ? 1 : 0
    // A comparison with NaN is false, so at most one of the two terms counts.
    return right | (isMissing & missing)
  }

  /// The leaf of one row, whose features lie `stride` elements apart.
  @inline(__always)
  func walk(
    _ table: UnsafePointer<WalkingNode>, _ root: Int32, _ row: UnsafePointer<Float>, _ stride: Int
  ) -> Int32 {
    var at = root
    while true {
      let node = table[Int(at)]
      if node.left == at { return at }
      let x = row[Int(node.featureAndMissing & 0x7FFF_FFFF) * stride]
      // One row alone gains by the processor's guessing the way; a group gains by not guessing.
      let right: Int32 = x >= node.threshold ? 1 : 0
      at = node.left &+ (x != x ? Int32(bitPattern: node.featureAndMissing >> 31) : right)
    }
  }
}
