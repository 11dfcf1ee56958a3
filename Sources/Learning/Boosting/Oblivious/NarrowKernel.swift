import Compute

/// Sums packed derivatives by bin, for the four features of a `NarrowBlock`.
///
/// Of many rows the sums are formed by pairs of features, whose bins are one byte together, so that a row is added twice
/// and not four times; the features' own sums are those of the pairs' rows and columns. Of few rows that would
/// cost more than it spares.
enum NarrowKernel {
  /// Rows from which on pairs are summed.
  private static let leastPaired = 384
  /// First entries of the sums of four features, or of two pairs, in a scratch histogram.
  private static let stride = NarrowBlock.bins
  private static let pairStride = 256

  static func isPaired(count: Int) -> Bool { count >= leastPaired }

  /// Adds rows `rows[0 ..< count]` to a scratch histogram of sums: pairs (gradient, hessian), or packed ones.
  @inline(never)
  static func add(
    words: UnsafePointer<UInt16>, rows: UnsafePointer<Int32>, values: UnsafePointer<Int64>, count: Int,
    isWide: Bool, scratch h: UnsafeMutablePointer<SIMD2<Int64>>
  ) {
    if isWide {
      if isPaired(count: count) {
        for i in 0..<count {
          let value = values[i]
          let pair = SIMD2(value >> 32, value & 0xFFFF_FFFF)
          let v = Int(words[Int(rows[i])])
          h[v & 255] &+= pair
          h[pairStride + v >> 8] &+= pair
        }
      } else {
        for i in 0..<count {
          let value = values[i]
          let pair = SIMD2(value >> 32, value & 0xFFFF_FFFF)
          let v = Int(words[Int(rows[i])])
          h[v & 15] &+= pair
          h[stride + (v >> 4) & 15] &+= pair
          h[2 * stride + (v >> 8) & 15] &+= pair
          h[3 * stride + v >> 12] &+= pair
        }
      }
      return
    }
    h.withMemoryRebound(to: Int64.self, capacity: 2 * HistogramKernel.scratchCount) { h in
      if isPaired(count: count) {
        for i in 0..<count {
          let v = Int(words[Int(rows[i])])
          h[v & 255] &+= values[i]
          h[pairStride + v >> 8] &+= values[i]
        }
      } else {
        for i in 0..<count {
          let v = Int(words[Int(rows[i])])
          h[v & 15] &+= values[i]
          h[stride + (v >> 4) & 15] &+= values[i]
          h[2 * stride + (v >> 8) & 15] &+= values[i]
          h[3 * stride + v >> 12] &+= values[i]
        }
      }
    }
  }

  /// Turns the sums of pairs, if such they are, into those of features, so that `place` can be read.
  @inline(never)
  static func finish(count: Int, isWide: Bool, scratch: UnsafeMutablePointer<SIMD2<Int64>>) {
    guard isPaired(count: count) else { return }
    if isWide {
      unpair(scratch)
    } else {
      scratch.withMemoryRebound(to: Int64.self, capacity: 2 * HistogramKernel.scratchCount) { unpair($0) }
    }
  }

  /// Sums of bins of each feature of two pairs, put in the places of features and followed by zeros.
  @inline(__always)
  private static func unpair(_ h: UnsafeMutablePointer<SIMD2<Int64>>) {
    withUnsafeTemporaryAllocation(of: SIMD2<Int64>.self, capacity: 4 * stride) { buffer in
      guard let sums = buffer.baseAddress else { return }
      sums.initialize(repeating: .zero, count: 4 * stride)
      for pair in 0..<2 {
        let own = h + pair * pairStride
        let low = sums + 2 * pair * stride
        for high in 0..<stride {
          var sum = SIMD2<Int64>.zero
          for bin in 0..<stride {
            let entry = own[high * stride + bin]
            low[bin] &+= entry
            sum &+= entry
          }
          low[stride + high] = sum
        }
      }
      h.update(repeating: .zero, count: 2 * pairStride)
      h.update(from: sums, count: 4 * stride)
    }
  }

  @inline(__always)
  private static func unpair(_ h: UnsafeMutablePointer<Int64>) {
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: 4 * stride) { buffer in
      guard let sums = buffer.baseAddress else { return }
      sums.initialize(repeating: 0, count: 4 * stride)
      for pair in 0..<2 {
        let own = h + pair * pairStride
        let low = sums + 2 * pair * stride
        for high in 0..<stride {
          var sum: Int64 = 0
          for bin in 0..<stride {
            let entry = own[high * stride + bin]
            low[bin] &+= entry
            sum &+= entry
          }
          low[stride + high] = sum
        }
      }
      h.update(repeating: 0, count: 2 * pairStride)
      h.update(from: sums, count: 4 * stride)
    }
  }
}
