/// Sums packed derivatives by bin, for the eight features of one block.
///
/// The scratch histogram of a block, (8, 256) entries, fits the first-level cache; it is added to the node's own
/// histogram after at most `GradientQuantisation.tileRows` rows, before a packed half can overflow.
enum HistogramKernel {
  /// How many rows ahead the words of scattered rows are loaded, so that they are in the cache when their turn comes.
  private static let lookahead = 16
  /// Entries of a scratch histogram.
  static let scratchCount = BinnedDataset.blockFeatures * 256

  /// Adds rows `rows[0 ..< count]` to a scratch histogram of packed sums.
  ///
  /// The result depends on the words loaded ahead and has no other meaning than to keep those loads.
  @inline(never)
  @discardableResult
  static func addPacked(
    words: UnsafePointer<UInt64>, rows: UnsafePointer<Int32>, values: UnsafePointer<Int64>, count: Int,
    scratch h: UnsafeMutablePointer<Int64>
  ) -> UInt64 {
    if count == 0 { return 0 }
    if Int(rows[count - 1]) - Int(rows[0]) == count - 1 {
      // Rows of a node are increasing, so these are consecutive.
      let own = words + Int(rows[0])
      for i in 0..<count { add(own[i], values[i], h) }
      return 0
    }
    var touched: UInt64 = 0
    let ahead = max(0, count - lookahead)
    for i in 0..<ahead {
      touched |= words[Int(rows[i + lookahead])]
      add(words[Int(rows[i])], values[i], h)
    }
    for i in ahead..<count { add(words[Int(rows[i])], values[i], h) }
    return touched
  }

  /// The same with 31-bit values, whose sums need 64 bits each.
  @inline(never)
  static func addWide(
    words: UnsafePointer<UInt64>, rows: UnsafePointer<Int32>, values: UnsafePointer<Int64>, count: Int,
    scratch h: UnsafeMutablePointer<SIMD2<Int64>>
  ) {
    for i in 0..<count {
      let value = values[i]
      let pair = SIMD2(value >> 32, value & 0xFFFF_FFFF)
      let v = words[Int(rows[i])]
      for k in 0..<8 {
        h[k * 256 + Int((v >> UInt64(8 * k)) & 255)] &+= pair
      }
    }
  }

  /// `addWide` for words whose upper four bytes hold no feature; their histograms are left alone.
  @inline(never)
  static func addWideHalf(
    words: UnsafePointer<UInt64>, rows: UnsafePointer<Int32>, values: UnsafePointer<Int64>, count: Int,
    scratch h: UnsafeMutablePointer<SIMD2<Int64>>
  ) {
    for i in 0..<count {
      let value = values[i]
      let pair = SIMD2(value >> 32, value & 0xFFFF_FFFF)
      let v = words[Int(rows[i])]
      h[Int(v & 255)] &+= pair
      h[256 + Int((v >> 8) & 255)] &+= pair
      h[512 + Int((v >> 16) & 255)] &+= pair
      h[768 + Int((v >> 24) & 255)] &+= pair
    }
  }

  /// `addPacked` for words of features with at most two bins; the scratch is empty.
  @inline(never)
  @discardableResult
  static func addPackedBinary(
    words: UnsafePointer<UInt64>, rows: UnsafePointer<Int32>, values: UnsafePointer<Int64>, count: Int,
    scratch h: UnsafeMutablePointer<Int64>
  ) -> UInt64 {
    if count < BinaryKernel.leastRows {
      return addPacked(words: words, rows: rows, values: values, count: count, scratch: h)
    }
    BinaryKernel.add(words: words, rows: rows, count: count, scratch: h) { values[$0] }
    return 0
  }

  /// `addWide` for words of features with at most two bins; the scratch is empty.
  @inline(never)
  static func addWideBinary(
    words: UnsafePointer<UInt64>, rows: UnsafePointer<Int32>, values: UnsafePointer<Int64>, count: Int,
    scratch h: UnsafeMutablePointer<SIMD2<Int64>>
  ) {
    if count < BinaryKernel.leastRows {
      return addWide(words: words, rows: rows, values: values, count: count, scratch: h)
    }
    BinaryKernel.add(words: words, rows: rows, count: count, scratch: h) {
      SIMD2(values[$0] >> 32, values[$0] & 0xFFFF_FFFF)
    }
  }

  /// Adds 31-bit values of three outputs with equal hessians to scratch sums of their gradients and the hessian.
  ///
  /// - Parameters:
  ///   - features: those of the words that hold one; of up to four the upper half of the words is left alone.
  ///   - isBinary: whether each has at most two bins and the scratch is empty.
  @inline(never)
  static func addThree(
    words: UnsafePointer<UInt64>, rows: UnsafePointer<Int32>,
    values: (UnsafePointer<Int64>, UnsafePointer<Int64>, UnsafePointer<Int64>), count: Int, features: Int,
    isBinary: Bool, scratch h: UnsafeMutablePointer<SIMD4<Int64>>
  ) {
    if isBinary && count >= BinaryKernel.leastRows {
      BinaryKernel.add(words: words, rows: rows, count: count, scratch: h) { entry(values, $0) }
    } else if features <= 4 {
      for i in 0..<count { addThree(4, words[Int(rows[i])], entry(values, i), h) }
    } else {
      for i in 0..<count { addThree(8, words[Int(rows[i])], entry(values, i), h) }
    }
  }

  @inline(__always)
  private static func entry(
    _ values: (UnsafePointer<Int64>, UnsafePointer<Int64>, UnsafePointer<Int64>), _ i: Int
  ) -> SIMD4<Int64> {
    let first = values.0[i]
    return SIMD4(first >> 32, values.1[i] >> 32, values.2[i] >> 32, first & 0xFFFF_FFFF)
  }

  @inline(__always)
  private static func addThree(
    _ features: Int, _ v: UInt64, _ entry: SIMD4<Int64>, _ h: UnsafeMutablePointer<SIMD4<Int64>>
  ) {
    for k in 0..<features { h[k * 256 + Int((v >> UInt64(8 * k)) & 255)] &+= entry }
  }

  /// Moves the first `bins` sums of three outputs to their pairs (gradient, hessian) and clears them.
  @inline(__always)
  static func flushThree(
    _ scratch: UnsafeMutablePointer<SIMD4<Int64>>,
    into targets: (
      UnsafeMutablePointer<SIMD2<Int64>>, UnsafeMutablePointer<SIMD2<Int64>>,
      UnsafeMutablePointer<SIMD2<Int64>>
    ), bins: Int, isAdding: Bool
  ) {
    for b in 0..<bins {
      let sums = scratch[b]
      let (first, second, third) = (SIMD2(sums.x, sums.w), SIMD2(sums.y, sums.w), SIMD2(sums.z, sums.w))
      targets.0[b] = isAdding ? targets.0[b] &+ first : first
      targets.1[b] = isAdding ? targets.1[b] &+ second : second
      targets.2[b] = isAdding ? targets.2[b] &+ third : third
      scratch[b] = .zero
    }
  }

  /// Adds 31-bit values to one histogram for each of the first `columns` bytes of the words.
  ///
  /// - Parameter targets: (columns): the first bin of each histogram, which may be a node's own.
  @inline(never)
  static func addWide(
    words: UnsafePointer<UInt64>, rows: UnsafePointer<Int32>, values: UnsafePointer<Int64>, count: Int,
    targets: UnsafePointer<UnsafeMutablePointer<SIMD2<Int64>>>, columns: Int
  ) {
    switch columns {
    case 1: addColumns(1, words, rows, values, count, targets)
    case 2: addColumns(2, words, rows, values, count, targets)
    case 3: addColumns(3, words, rows, values, count, targets)
    case 4: addColumns(4, words, rows, values, count, targets)
    case 5: addColumns(5, words, rows, values, count, targets)
    case 6: addColumns(6, words, rows, values, count, targets)
    case 7: addColumns(7, words, rows, values, count, targets)
    default: addColumns(8, words, rows, values, count, targets)
    }
  }

  /// The number of columns is a constant at every call, so that no branch on it is left.
  @inline(__always)
  private static func addColumns(
    _ columns: Int, _ words: UnsafePointer<UInt64>, _ rows: UnsafePointer<Int32>,
    _ values: UnsafePointer<Int64>, _ count: Int,
    _ targets: UnsafePointer<UnsafeMutablePointer<SIMD2<Int64>>>
  ) {
    let last = columns - 1
    let (a, b, c, d) = (targets[0], targets[min(1, last)], targets[min(2, last)], targets[min(3, last)])
    let (e, f, g, h) = (
      targets[min(4, last)], targets[min(5, last)], targets[min(6, last)], targets[last]
    )
    for i in 0..<count {
      let value = values[i]
      let pair = SIMD2(value >> 32, value & 0xFFFF_FFFF)
      let v = words[Int(rows[i])]
      a[Int(v & 255)] &+= pair
      if columns > 1 { b[Int((v >> 8) & 255)] &+= pair }
      if columns > 2 { c[Int((v >> 16) & 255)] &+= pair }
      if columns > 3 { d[Int((v >> 24) & 255)] &+= pair }
      if columns > 4 { e[Int((v >> 32) & 255)] &+= pair }
      if columns > 5 { f[Int((v >> 40) & 255)] &+= pair }
      if columns > 6 { g[Int((v >> 48) & 255)] &+= pair }
      if columns > 7 { h[Int(v >> 56)] &+= pair }
    }
  }

  @inline(__always)
  private static func add(_ v: UInt64, _ g: Int64, _ h: UnsafeMutablePointer<Int64>) {
    h[Int(v & 255)] &+= g
    h[256 + Int((v >> 8) & 255)] &+= g
    h[512 + Int((v >> 16) & 255)] &+= g
    h[768 + Int((v >> 24) & 255)] &+= g
    h[1024 + Int((v >> 32) & 255)] &+= g
    h[1280 + Int((v >> 40) & 255)] &+= g
    h[1536 + Int((v >> 48) & 255)] &+= g
    h[1792 + Int(v >> 56)] &+= g
  }

  /// Adds the first `bins` packed sums to a feature's pairs (gradient, hessian) and clears them.
  @inline(__always)
  static func flushPacked(
    _ scratch: UnsafeMutablePointer<Int64>, into target: UnsafeMutablePointer<SIMD2<Int64>>, bins: Int
  ) {
    for b in 0..<bins {
      let value = scratch[b]
      target[b] &+= SIMD2(value >> 32, value & 0xFFFF_FFFF)
      scratch[b] = 0
    }
  }

  /// Adds the first `bins` pairs to a feature's pairs and clears them.
  @inline(__always)
  static func flushWide(
    _ scratch: UnsafeMutablePointer<SIMD2<Int64>>, into target: UnsafeMutablePointer<SIMD2<Int64>>, bins: Int
  ) {
    for b in 0..<bins {
      target[b] &+= scratch[b]
      scratch[b] = .zero
    }
  }

  /// Takes a histogram off another one, (bins) each.
  @inline(__always)
  static func subtract(
    _ built: UnsafePointer<SIMD2<Int64>>, from parent: UnsafeMutablePointer<SIMD2<Int64>>, bins: Int
  ) {
    // Only a left child would move to the place of its parent.
    separate(parent: parent, built: UnsafeMutablePointer(mutating: built), bins: bins, isLeftBuilt: false)
  }

  /// Puts the histograms of two children, one of them summed, in the places of their parent and of the one that is summed.
  ///
  /// - Parameters:
  ///   - parent: (bins); the left child's sums afterwards.
  ///   - built: (bins) of one child; the right child's sums afterwards.
  @inline(__always)
  static func separate(
    parent: UnsafeMutablePointer<SIMD2<Int64>>, built: UnsafeMutablePointer<SIMD2<Int64>>, bins: Int,
    isLeftBuilt: Bool
  ) {
    let (a, b) = (UnsafeMutableRawPointer(parent), UnsafeMutableRawPointer(built))
    let stride = MemoryLayout<SIMD2<Int64>>.stride
    var bin = 0
    while bin + 4 <= bins {
      separate(a + stride * bin, b + stride * bin, isLeftBuilt, SIMD8<Int64>.self)
      bin += 4
    }
    while bin < bins {
      separate(a + stride * bin, b + stride * bin, isLeftBuilt, SIMD2<Int64>.self)
      bin += 1
    }
  }

  @inline(__always)
  private static func separate<Sums: SIMD>(
    _ parent: UnsafeMutableRawPointer, _ built: UnsafeMutableRawPointer, _ isLeftBuilt: Bool, _: Sums.Type
  ) where Sums.Scalar == Int64 {
    let child = built.loadUnaligned(as: Sums.self)
    let other = parent.loadUnaligned(as: Sums.self) &- child
    parent.storeBytes(of: isLeftBuilt ? child : other, as: Sums.self)
    if isLeftBuilt { built.storeBytes(of: other, as: Sums.self) }
  }
}
