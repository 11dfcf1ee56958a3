extension CodedForest {
  /// Trees whose leaf values are added in one pass over the rows.
  private static let group = 4

  /// Bytes of scratch that a block needs.
  var scratchBytes: Int { CodedForest.blockRows * (codes.columns.count + 2 * CodedForest.group) }

  /// Codes a block of at most 256 rows; `column` gives the first value of a feature and the distance to the next row's.
  @inline(__always)
  func encode(_ block: RowBlock, rows: Int, scratch: UnsafeMutableRawPointer) {
    for index in codes.columns.indices {
      codes.encode(
        column: index, values: block.base + Int(codes.columns[index].feature) * block.featureStride,
        stride: block.rowStride, rows: rows,
        into: (scratch + index * CodedForest.blockRows).assumingMemoryBound(to: UInt8.self))
    }
  }

  /// Adds the leaf values of the trees of one output to the sums of a coded block, in tree order.
  ///
  /// - Parameters:
  ///   - values: one for each of `leafNodes`.
  ///   - sums: (rows), `stride` elements apart.
  @inline(__always)
  func add<Sum: BinaryFloatingPoint>(
    output: Int, scratch: UnsafeMutableRawPointer, rows: Int, values: UnsafePointer<Sum>,
    to sums: UnsafeMutablePointer<Sum>, stride: Int
  ) {
    let vectors = (rows + 63) / 64
    let codes = UnsafeRawPointer(scratch)
    let low = scratch + self.codes.columns.count * CodedForest.blockRows
    let high = low + CodedForest.group * CodedForest.blockRows
    let perOutput = trees.count / outputs
    tests.withUnsafeBufferPointer { testBuffer in
      ordered.withUnsafeBufferPointer { orderedBuffer in
        trees.withUnsafeBufferPointer { trees in
          guard let tests = testBuffer.baseAddress, let ordered = orderedBuffer.baseAddress else { return }
          var tree = output * perOutput
          let end = tree + perOutput
          while tree < end {
            let count = min(CodedForest.group, end - tree)
            var isNarrow = count == CodedForest.group
            for slot in 0..<count {
              let next = trees[tree + slot]
              let offset = slot * CodedForest.blockRows
              leaves(
                next, tests + Int(next.kind == .ordered ? 0 : next.first),
                ordered + Int(next.kind == .ordered ? next.first : 0), codes, vectors: vectors,
                into: low + offset,
                high: high + offset)
              isNarrow = isNarrow && !next.isWide
            }
            let bytes = UnsafePointer(low.assumingMemoryBound(to: UInt8.self))
            if isNarrow {
              addFour(
                bytes, values + Int(trees[tree].firstLeaf), values + Int(trees[tree + 1].firstLeaf),
                values + Int(trees[tree + 2].firstLeaf), values + Int(trees[tree + 3].firstLeaf), rows, sums,
                stride)
            } else {
              let highBytes = UnsafePointer(high.assumingMemoryBound(to: UInt8.self))
              for slot in 0..<count {
                let next = trees[tree + slot]
                let offset = slot * CodedForest.blockRows
                addOne(
                  bytes + offset, next.isWide ? highBytes + offset : nil, values + Int(next.firstLeaf), rows,
                  sums,
                  stride)
              }
            }
            tree += count
          }
        }
      }
    }
  }

  @inline(__always)
  private func addFour<Sum: BinaryFloatingPoint>(
    _ leaves: UnsafePointer<UInt8>, _ a: UnsafePointer<Sum>, _ b: UnsafePointer<Sum>, _ c: UnsafePointer<Sum>,
    _ d: UnsafePointer<Sum>, _ rows: Int, _ sums: UnsafeMutablePointer<Sum>, _ stride: Int
  ) {
    for row in 0..<rows {
      var sum = sums[row * stride]
      sum += a[Int(leaves[row])]
      sum += b[Int(leaves[CodedForest.blockRows + row])]
      sum += c[Int(leaves[2 * CodedForest.blockRows + row])]
      sum += d[Int(leaves[3 * CodedForest.blockRows + row])]
      sums[row * stride] = sum
    }
  }

  @inline(__always)
  private func addOne<Sum: BinaryFloatingPoint>(
    _ low: UnsafePointer<UInt8>, _ high: UnsafePointer<UInt8>?, _ values: UnsafePointer<Sum>, _ rows: Int,
    _ sums: UnsafeMutablePointer<Sum>, _ stride: Int
  ) {
    if let high {
      for row in 0..<rows { sums[row * stride] += values[Int(high[row]) << 8 | Int(low[row])] }
    } else {
      for row in 0..<rows { sums[row * stride] += values[Int(low[row])] }
    }
  }
}

extension CodedForest.Tree {
  /// Whether the number of a leaf needs two bytes.
  var isWide: Bool { kind == .symmetric && depth > 8 }
}
