/// Sorted distinct values of a column with the weight of each, missing values left out.
struct DistinctValues {
  /// Increasing values.
  var values: [Float] = []
  /// Number of rows of each value.
  var counts: [Int] = []
  /// Sum of sample weights of each value; empty if rows are not weighted.
  var weights: [Double] = []
  /// Number of missing rows.
  var missing = 0

  /// Total rows that are not missing.
  var present: Int { counts.reduce(0, +) }

  /// Collects a column at `rows` (all rows if nil).
  ///
  /// Least-significant-digit radix sort in three passes of 11 bits over order-preserving keys.
  init(column: [Float], rows: [Int32]?, weights rowWeights: [Float]?) {
    let total = rows?.count ?? column.count
    if let rowWeights {
      var keys: [UInt64] = []
      keys.reserveCapacity(total)
      for i in 0..<total {
        let row = rows.map { Int($0[i]) } ?? i
        let x = column[row]
        if x.isNaN { missing += 1 } else { keys.append(UInt64(DistinctValues.key(x)) << 32 | UInt64(row)) }
      }
      DistinctValues.radixSort(&keys, shift: 32)
      for entry in keys {
        append(DistinctValues.value(UInt32(truncatingIfNeeded: entry >> 32)))
        let weight = Double(rowWeights[Int(entry & 0xFFFF_FFFF)])
        if weights.count < values.count {
          weights.append(weight)
        } else {
          weights[weights.count - 1] += weight
        }
      }
    } else {
      var keys: [UInt32] = []
      keys.reserveCapacity(total)
      if let rows {
        for row in rows {
          let x = column[Int(row)]
          if x.isNaN { missing += 1 } else { keys.append(DistinctValues.key(x)) }
        }
      } else {
        for x in column {
          if x.isNaN { missing += 1 } else { keys.append(DistinctValues.key(x)) }
        }
      }
      DistinctValues.radixSort(&keys, shift: 0)
      var start = 0
      while start < keys.count {
        var end = start + 1
        while end < keys.count, keys[end] == keys[start] { end += 1 }
        values.append(DistinctValues.value(keys[start]))
        counts.append(end - start)
        start = end
      }
    }
  }

  private mutating func append(_ x: Float) {
    if values.last == x {
      counts[counts.count - 1] += 1
    } else {
      values.append(x)
      counts.append(1)
    }
  }

  /// A key whose unsigned order is the order of floats; -0 and 0 share one.
  @inline(__always)
  private static func key(_ x: Float) -> UInt32 {
    let bits = (x + 0).bitPattern
    return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
  }

  @inline(__always)
  private static func value(_ key: UInt32) -> Float {
    Float(bitPattern: key & 0x8000_0000 == 0 ? ~key : key & 0x7FFF_FFFF)
  }

  @inline(__always)
  private static func radixSort<Key: FixedWidthInteger>(_ keys: inout [Key], shift: Int) {
    if keys.count < 2 { return }
    let count = keys.count
    var other = [Key](repeating: 0, count: count)
    for pass in 0..<3 {
      let low = Key(shift + pass * 11)
      let mask = pass == 2 ? 1023 : 2047
      keys.withUnsafeBufferPointer { source in
        other.withUnsafeMutableBufferPointer { target in
          withUnsafeTemporaryAllocation(of: Int.self, capacity: 2049) { starts in
            starts.initialize(repeating: 0)
            for i in 0..<count { starts[(Int(truncatingIfNeeded: source[i] &>> low) & mask) + 1] += 1 }
            for digit in 0..<2048 { starts[digit + 1] += starts[digit] }
            for i in 0..<count {
              let digit = Int(truncatingIfNeeded: source[i] &>> low) & mask
              target[starts[digit]] = source[i]
              starts[digit] += 1
            }
          }
        }
      }
      swap(&keys, &other)
    }
  }
}
