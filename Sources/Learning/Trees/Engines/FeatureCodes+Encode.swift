extension FeatureCodes {
  /// The order key of a missing value, below that of every other.
  static let missingKey = Int32.min
  /// The order key that no value reaches.
  static let unreachableKey = Int32.max

  /// An integer for each value that is not NaN, in the same order; equal values, zero of either sign too, have one key.
  ///
  /// Vectors of integers compare in one instruction, while the standard library compares those of floats lane by lane.
  @inline(__always)
  static func key(_ x: Float) -> Int32 {
    let bits = Int32(bitPattern: (x + 0).bitPattern)
    return bits ^ ((bits >> 31) & Int32.max)
  }

  /// The key of any value.
  @inline(__always)
  private static func keyOrMissing(_ x: Float) -> Int32 { x != x ? missingKey : key(x) }

  /// How many of 16 thresholds a value reaches, both as keys.
  @inline(__always)
  private static func reached(_ thresholds: SIMD16<Int32>, _ key: SIMD16<Int32>) -> Int {
    let isReached: SIMDMask<SIMD16<Int32>> = thresholds .<= key
    let ones = SIMD16<Int32>(repeating: 0) &- unsafeBitCast(isReached, to: SIMD16<Int32>.self)
    // Summed here and not by `wrappedSum`, which is too large to be inlined everywhere: only where comparison and sum
    // meet do they become one count of bits.
    var count: Int32 = 0
    for lane in 0..<16 { count &+= ones[lane] }
    return Int(count)
  }

  /// Codes a key by the thresholds of its column.
  @inline(__always)
  private static func code(_ key: Int32, isGrouped: Bool, _ thresholds: UnsafePointer<SIMD16<Int32>>) -> UInt8
  {
    let keys = SIMD16<Int32>(repeating: key)
    let group = reached(thresholds[0], keys)
    if !isGrouped { return UInt8(truncatingIfNeeded: group) }
    return UInt8(truncatingIfNeeded: group * 16 + reached(thresholds[1 + group], keys))
  }

  /// How many of 16 thresholds a key alone reaches; not inlined, because code around it would take comparison and sum
  /// apart.
  @inline(never)
  private static func reachedAlone(_ thresholds: UnsafePointer<SIMD16<Int32>>, _ key: Int32) -> Int {
    reached(thresholds.pointee, SIMD16<Int32>(repeating: key))
  }

  /// Codes of one row, column after column; without a branch that depends on a value.
  @inline(__always)
  static func encode(
    row: UnsafePointer<Float>, _ columns: UnsafePointer<Column>, count: Int,
    _ thresholds: UnsafePointer<SIMD16<Int32>>, _ body: (_ column: Int, _ code: UInt8) -> Void
  ) {
    for index in 0..<count {
      let column = columns[index]
      let key = column.seen(keyOrMissing(row[Int(column.feature)]))
      let own = thresholds + Int(column.first)
      var code = reachedAlone(own, key)
      if column.isGrouped { code = code * 16 + reachedAlone(own + 1 + code, key) }
      let missing: UInt8 = key == missingKey ? column.missingCode : 0
      // A missing value has reached no threshold.
      body(index, UInt8(truncatingIfNeeded: code) | missing)
    }
  }

  /// Columns with at most so many thresholds are coded by comparing each of them with 16 rows at a time.
  private static let comparedThresholds = 64

  /// Codes of one column of a block of rows, whose values lie `stride` elements apart.
  ///
  /// - Parameter keys: scratch of `rows` elements.
  @inline(__always)
  func encode(
    column index: Int, values: UnsafePointer<Float>, stride: Int, rows: Int,
    keys: UnsafeMutablePointer<Int32>,
    into codes: UnsafeMutablePointer<UInt8>
  ) {
    let column = columns[index]
    // First side by side, so that what follows is done for 16 rows at a time.
    for row in 0..<rows { keys[row] = Int32(bitPattern: values[row * stride].bitPattern) }
    for row in 0..<rows {
      keys[row] = FeatureCodes.keyOrMissing(Float(bitPattern: UInt32(bitPattern: keys[row])))
    }
    if column.zeroIsMissing {
      for row in 0..<rows { keys[row] = column.seen(keys[row]) }
    }
    thresholds.withUnsafeBufferPointer { buffer in
      guard let table = buffer.baseAddress.map({ $0 + Int(column.first) }) else { return }
      var row = 0
      if column.count <= FeatureCodes.comparedThresholds {
        let groups = UnsafeRawPointer(table + (column.isGrouped ? 1 : 0)).assumingMemoryBound(to: Int32.self)
        while row + 16 <= rows {
          FeatureCodes.compare(keys + row, groups, Int(column.count), codes + row)
          row += 16
        }
      }
      if column.isGrouped {
        while row < rows {
          codes[row] = FeatureCodes.code(keys[row], isGrouped: true, table)
          row += 1
        }
      } else {
        while row < rows {
          codes[row] = FeatureCodes.code(keys[row], isGrouped: false, table)
          row += 1
        }
      }
    }
    // A missing value has reached no threshold.
    if column.missingPasses {
      for row in 0..<rows { codes[row] = keys[row] == FeatureCodes.missingKey ? 255 : codes[row] }
    }
  }

  /// Codes of 16 rows: how many of the thresholds each key reaches.
  @inline(__always)
  private static func compare(
    _ keys: UnsafePointer<Int32>, _ thresholds: UnsafePointer<Int32>, _ count: Int,
    _ codes: UnsafeMutablePointer<UInt8>
  ) {
    let keys = UnsafeRawPointer(keys).loadUnaligned(as: SIMD16<Int32>.self)
    var reached = SIMD16<Int32>(repeating: 0)
    for index in 0..<count {
      // With its type spelled out the comparison is one instruction; else the generic operator may be chosen.
      let threshold = SIMD16<Int32>(repeating: thresholds[index])
      let isReached: SIMDMask<SIMD16<Int32>> = keys .>= threshold
      reached = reached &- unsafeBitCast(isReached, to: SIMD16<Int32>.self)
    }
    UnsafeMutableRawPointer(codes).storeBytes(
      of: SIMD16<UInt8>(truncatingIfNeeded: reached), as: SIMD16<UInt8>.self)
  }
}

extension FeatureCodes.Column {
  /// The code of a missing value.
  @inline(__always)
  fileprivate var missingCode: UInt8 { missingPasses ? 255 : 0 }

  /// A key as the column sees it: where zero is missing, the keys of values that count as zero are the missing one.
  @inline(__always)
  fileprivate func seen(_ key: Int32) -> Int32 {
    // Without missing zeros the range is that of the missing key alone, so that no column needs a branch.
    let low = zeroIsMissing ? FeatureCodes.key(-GeneralForest.zero) : FeatureCodes.missingKey
    let high = zeroIsMissing ? FeatureCodes.key(GeneralForest.zero) : FeatureCodes.missingKey
    let isZero = UInt32(bitPattern: key &- low) <= UInt32(bitPattern: high &- low)
    return isZero ? FeatureCodes.missingKey : key
  }
}
