extension WalkingForest {
  /// Rows that walk a tree side by side, so that their loads overlap.
  private static let lanes = 16

  /// Adds the trees' leaf values to the margins of `rows` rows.
  func accumulate(_ block: RowBlock, rows: Int, margins: UnsafeMutablePointer<Float>) {
    nodes.withUnsafeBufferPointer { buffer in
      guard let table = buffer.baseAddress else { return }
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: WalkingForest.lanes) { scratch in
        guard let at = scratch.baseAddress else { return }
        for tree in 0..<roots.count {
          let output = margins + tree % outputs
          var row = 0
          while row + WalkingForest.lanes <= rows {
            step(table, tree, block, row, at)
            for lane in 0..<WalkingForest.lanes {
              output[(row + lane) * outputs] += table[Int(at[lane])].value
            }
            row += WalkingForest.lanes
          }
          while row < rows {
            let leaf = walk(table, roots[tree], block.base + row * block.rowStride, block.featureStride)
            output[row * outputs] += table[Int(leaf)].value
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

  /// Adds the trees' leaf values to the margins of one row, in tree order; eight trees are walked side by side, so that
  /// their loads overlap.
  ///
  /// Side by side even a leaf reads a feature, so a row must have one.
  func accumulate(row: UnsafePointer<Float>, hasFeatures: Bool, margins: UnsafeMutablePointer<Float>) {
    nodes.withUnsafeBufferPointer { buffer in
      guard let table = buffer.baseAddress else { return }
      roots.withUnsafeBufferPointer { roots in
        var output = 0
        var tree = 0
        while hasFeatures, tree + 8 <= roots.count {
          var (a, b, c, d) = (roots[tree], roots[tree + 1], roots[tree + 2], roots[tree + 3])
          var (e, f, g, h) = (roots[tree + 4], roots[tree + 5], roots[tree + 6], roots[tree + 7])
          var moved: Int32 = 1
          while moved != 0 {
            moved = advance(&a, table, row) | advance(&b, table, row) | advance(&c, table, row)
            moved |= advance(&d, table, row) | advance(&e, table, row) | advance(&f, table, row)
            moved |= advance(&g, table, row) | advance(&h, table, row)
          }
          func add(_ leaf: Int32) {
            margins[output] += table[Int(leaf)].value
            output = output + 1 == outputs ? 0 : output + 1
          }
          add(a)
          add(b)
          add(c)
          add(d)
          add(e)
          add(f)
          add(g)
          add(h)
          tree += 8
        }
        while tree < roots.count {
          margins[output] += table[Int(walk(table, roots[tree], row, 1))].value
          output = output + 1 == outputs ? 0 : output + 1
          tree += 1
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
