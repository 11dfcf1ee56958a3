extension FeatureCodes {
  /// How many of 16 thresholds a value reaches.
  @inline(__always)
  private static func reached(_ thresholds: SIMD16<Float>, _ x: SIMD16<Float>) -> Int {
    let ones = SIMD16<Int32>(repeating: 0).replacing(with: SIMD16(repeating: 1), where: thresholds .<= x)
    // Summed here and not by `wrappedSum`, which is too large to be inlined everywhere: only where comparison and sum meet
    // do they become one count of bits.
    var count: Int32 = 0
    for lane in 0..<16 { count &+= ones[lane] }
    return Int(count)
  }

  /// Codes one value; the thresholds are those of the column.
  @inline(__always)
  private static func code(_ x: Float, _ column: Column, _ thresholds: UnsafePointer<SIMD16<Float>>) -> UInt8
  {
    let value = SIMD16<Float>(repeating: x)
    let code: Int
    if column.isGrouped {
      let group = reached(thresholds[0], value)
      code = group * 16 + reached(thresholds[1 + group], value)
    } else {
      code = reached(thresholds[0], value)
    }
    return UInt8(truncatingIfNeeded: code)
  }

  /// Codes of one row, one byte for each column.
  @inline(__always)
  func encode(row: UnsafePointer<Float>, into codes: UnsafeMutablePointer<UInt8>) {
    columns.withUnsafeBufferPointer { columns in
      thresholds.withUnsafeBufferPointer { thresholds in
        guard let table = thresholds.baseAddress else { return }
        for index in 0..<columns.count {
          let column = columns[index]
          let x = row[Int(column.feature)]
          let code = FeatureCodes.code(x, column, table + Int(column.first))
          codes[index] = x != x && column.missingPasses ? 255 : code
        }
      }
    }
  }

  /// Codes of one column of a block of rows, whose values lie `stride` elements apart.
  @inline(__always)
  func encode(
    column index: Int, values: UnsafePointer<Float>, stride: Int, rows: Int,
    into codes: UnsafeMutablePointer<UInt8>
  ) {
    let column = columns[index]
    thresholds.withUnsafeBufferPointer { buffer in
      guard let table = buffer.baseAddress.map({ $0 + Int(column.first) }) else { return }
      let first = table[0]
      if column.isGrouped {
        for row in 0..<rows {
          let value = SIMD16<Float>(repeating: values[row * stride])
          let group = FeatureCodes.reached(first, value)
          codes[row] = UInt8(
            truncatingIfNeeded: group * 16 + FeatureCodes.reached(table[1 + group], value))
        }
      } else {
        for row in 0..<rows {
          codes[row] = UInt8(
            truncatingIfNeeded: FeatureCodes.reached(first, SIMD16(repeating: values[row * stride])))
        }
      }
    }
    if column.missingPasses {
      for row in 0..<rows {
        let x = values[row * stride]
        codes[row] = x != x ? 255 : codes[row]
      }
    }
  }
}
