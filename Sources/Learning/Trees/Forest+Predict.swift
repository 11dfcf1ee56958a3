import Compute
import Diagnostics
import Glibc

/// Where the values of a block of rows lie.
struct RowBlock {
  let base: UnsafePointer<Float>
  /// Distance between two features of one row, and between two rows of one feature, in elements.
  let featureStride: Int
  let rowStride: Int
}

extension CompiledForest {
  /// Rows that walk a tree side by side, so that their loads overlap.
  private static let lanes = 16

  /// Adds the trees' leaf values to the margins of `rows` rows.
  func accumulate(_ block: RowBlock, rows: Int, margins: UnsafeMutablePointer<Float>) {
    nodes.withUnsafeBufferPointer { buffer in
      guard let table = buffer.baseAddress else { return }
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: CompiledForest.lanes) { scratch in
        guard let at = scratch.baseAddress else { return }
        for tree in 0..<roots.count {
          let output = margins + tree % outputs
          var row = 0
          while row + CompiledForest.lanes <= rows {
            step(table, tree, block, row, at)
            for lane in 0..<CompiledForest.lanes {
              output[(row + lane) * outputs] += table[Int(at[lane])].value
            }
            row += CompiledForest.lanes
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
    _ table: UnsafePointer<CompiledNode>, _ tree: Int, _ block: RowBlock, _ row: Int,
    _ at: UnsafeMutablePointer<Int32>
  ) {
    for lane in 0..<CompiledForest.lanes { at[lane] = roots[tree] }
    let base = block.base + row * block.rowStride
    for _ in 0..<depths[tree] {
      var moved: Int32 = 0
      for lane in 0..<CompiledForest.lanes {
        let from = at[lane]
        let node = table[Int(from)]
        let feature = Int(node.featureAndMissing & 0x7FFF_FFFF)
        let x = base[lane * block.rowStride + feature * block.featureStride]
        let to = node.left &+ CompiledForest.side(x, node)
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
    _ at: inout Int32, _ table: UnsafePointer<CompiledNode>, _ row: UnsafePointer<Float>
  ) -> Int32 {
    let node = table[Int(at)]
    let to = node.left &+ CompiledForest.side(row[Int(node.featureAndMissing & 0x7FFF_FFFF)], node)
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
  static func side(_ x: Float, _ node: CompiledNode) -> Int32 {
    let missing = Int32(bitPattern: node.featureAndMissing >> 31)
    let right: Int32 = x >= node.threshold ? 1 : 0
    let isMissing: Int32 = x != x ? 1 : 0
    // A comparison with NaN is false, so at most one of the two terms counts.
    return right | (isMissing & missing)
  }

  /// The leaf of one row, whose features lie `stride` elements apart.
  @inline(__always)
  func walk(
    _ table: UnsafePointer<CompiledNode>, _ root: Int32, _ row: UnsafePointer<Float>, _ stride: Int
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

extension Forest {
  /// Rows of one block of batch prediction: their features stay in the second-level cache while all trees pass.
  static let blockRows = 512

  /// The margins of one row, without allocating.
  ///
  /// - Parameters:
  ///   - row: the features, `features` numbers, NaN where missing.
  ///   - margins: receives `outputs` numbers.
  public func predictMargin(row: UnsafePointer<Float>, into margins: UnsafeMutablePointer<Float>) {
    if let general {
      general.margins(row, stride: 1) { output, margin in margins[output] = Float(margin) }
      return
    }
    header.baseScores.withUnsafeBufferPointer { base in
      for output in 0..<base.count { margins[output] = base[output] }
    }
    compiled.accumulate(row: row, hasFeatures: features > 0, margins: margins)
  }

  /// The predictions of one row after the link, without allocating; shapes as in `predictMargin(row:into:)`.
  public func predict(row: UnsafePointer<Float>, into predictions: UnsafeMutablePointer<Float>) {
    predictMargin(row: row, into: predictions)
    header.link.apply(to: predictions, outputs: header.outputs, scale: header.linkScale)
  }

  /// The margins of a column-major table, row-major (rows, outputs).
  ///
  /// - Throws: `TernError(.data)` if the number of columns or a column's length does not fit.
  public func predictMargins(columns: [[Float]], pool: ThreadPool) throws(TernError) -> [Float] {
    let rows = try checkedRows(of: columns)
    if general != nil { return try exactMargins(columns: columns, pool: pool).map(Float.init) }
    var margins = baseMargins(rows: rows)
    let features = self.features
    margins.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      let output = SharedPointer(target)
      pool.parallelChunks(of: rows, chunk: Forest.blockRows) { range, _ in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, range.count * features)) { scratch in
          guard let block = scratch.baseAddress else { return }
          for feature in 0..<features {
            columns[feature].withUnsafeBufferPointer { column in
              for row in 0..<range.count { block[row * features + feature] = column[range.lowerBound + row] }
            }
          }
          compiled.accumulate(
            RowBlock(base: block, featureStride: 1, rowStride: features), rows: range.count,
            margins: output.pointer + range.lowerBound * outputs)
        }
      }
    }
    return margins
  }

  /// The margins of `rows` rows stored one after another, row-major (rows, outputs).
  ///
  /// - Throws: `TernError(.data)` if `values` does not hold `rows × features` numbers.
  public func predictMargins(
    rowMajor values: UnsafeBufferPointer<Float>, rows: Int, pool: ThreadPool
  ) throws(TernError) -> [Float] {
    let features = self.features
    let (wanted, overflow) = rows.multipliedReportingOverflow(by: features)
    guard rows >= 0, !overflow, values.count == wanted else {
      throw TernError(
        .data, "wrong number of values", found: "\(values.count)", expected: "\(rows) × \(features)")
    }
    if general != nil {
      let columns = (0..<features).map { feature in
        (0..<rows).map { values[$0 * features + feature] }
      }
      return try exactMargins(columns: columns, rows: rows, pool: pool).map(Float.init)
    }
    var margins = baseMargins(rows: rows)
    guard let base = values.baseAddress else { return margins }
    let input = SharedPointer(UnsafeMutablePointer(mutating: base))
    margins.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      let output = SharedPointer(target)
      pool.parallelChunks(of: rows, chunk: Forest.blockRows) { range, _ in
        compiled.accumulate(
          RowBlock(
            base: input.pointer + range.lowerBound * features, featureStride: 1, rowStride: features),
          rows: range.count, margins: output.pointer + range.lowerBound * outputs)
      }
    }
    return margins
  }

  /// The predictions of a column-major table after the link, row-major (rows, outputs).
  public func predict(columns: [[Float]], pool: ThreadPool) throws(TernError) -> [Float] {
    var margins = try predictMargins(columns: columns, pool: pool)
    header.link.apply(to: &margins, outputs: outputs, scale: header.linkScale, pool: pool)
    return margins
  }

  private func baseMargins(rows: Int) -> [Float] {
    if outputs == 1 { return [Float](repeating: header.baseScores[0], count: rows) }
    var margins: [Float] = []
    margins.reserveCapacity(rows * outputs)
    for _ in 0..<rows { margins += header.baseScores }
    return margins
  }
}

/// A pointer that the items of a parallel region share; each writes only the elements that are its own.
struct SharedPointer<Element>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>

  init(_ pointer: UnsafeMutablePointer<Element>) { self.pointer = pointer }
}
