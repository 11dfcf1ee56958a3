/// Features as bytes: the code of a value is the number of a column's thresholds that it reaches.
///
/// A test `x >= threshold` of a node becomes `code >= rank`, where the threshold is the column's `rank`-th, counted from
/// one: exactly the same rows pass. A column serves the nodes of one feature that send missing values the same way, so
/// that a missing value has a code as well: 0, which passes no test, or 255, which passes all. A column has at most
/// 255 thresholds; a feature with more has several columns.
struct FeatureCodes: Sendable {
  /// Most thresholds of a column.
  static let limit = 255

  /// One byte of a row.
  struct Column: Sendable {
    /// Feature that it codes.
    var feature: Int32
    /// First of its vectors in `thresholds`.
    var first: Int32
    /// Number of its thresholds.
    var count: UInt8
    /// Whether these are more than one vector holds; the first vector then holds the last of every full group.
    var isGrouped: Bool { count > 16 }
    /// Whether a missing value passes every test, else none.
    var missingPasses: Bool
    /// Whether values of magnitude at most 1e-35 are missing as well.
    var zeroIsMissing: Bool
  }

  /// What a node asks of a coded row.
  struct Test: Sendable, Equatable {
    /// Column that it reads.
    var column: Int32
    /// Codes from this on pass.
    var rank: UInt8
  }

  private(set) var columns: [Column] = []
  /// Sorted thresholds as order keys in groups of 16, padded with one that no value reaches.
  private(set) var thresholds: [SIMD16<Int32>] = []

  /// The columns that the tests of all nodes need, and each inner node's test, in the order of the source's nodes.
  static func coding(_ source: ForestNodes) -> (codes: FeatureCodes, tests: [Test]) {
    let nodes = source.splitFeature.count
    var codes = FeatureCodes()
    var tests = [Test](repeating: Test(column: 0, rank: 0), count: nodes)
    let keys = 4 * Int((source.splitFeature.max() ?? -1) + 1)
    var starts = [Int32](repeating: 0, count: keys + 1)
    for node in 0..<nodes where source.splitFeature[node] >= 0 { starts[key(source, node) + 1] += 1 }
    for key in 0..<keys { starts[key + 1] += starts[key] }
    var next = starts
    var sorted = [Float](repeating: 0, count: Int(starts[keys]))
    for node in 0..<nodes where source.splitFeature[node] >= 0 {
      let key = key(source, node)
      sorted[Int(next[key])] = source.threshold[node]
      next[key] += 1
    }
    var firstColumn = [Int32](repeating: 0, count: keys)
    var ends = next
    for key in 0..<keys where starts[key] < starts[key + 1] {
      let start = Int(starts[key])
      let end = start + sortUnique(&sorted, start..<Int(starts[key + 1]))
      ends[key] = Int32(end)
      firstColumn[key] = Int32(codes.columns.count)
      for low in stride(from: start, to: end, by: limit) {
        codes.addColumn(sorted[low..<min(end, low + limit)], key: key)
      }
    }
    for node in 0..<nodes where source.splitFeature[node] >= 0 {
      let key = key(source, node)
      let start = Int(starts[key])
      let index = position(of: source.threshold[node], in: sorted, start..<Int(ends[key])) - start
      tests[node] = Test(
        column: firstColumn[key] + Int32(index / limit),
        rank: UInt8(index % limit + 1))
    }
    return (codes, tests)
  }

  /// Nodes of one key share columns.
  @inline(__always)
  private static func key(_ source: ForestNodes, _ node: Int) -> Int {
    let zero = source.flags.isEmpty ? 0 : source.flags[node] & NodeFlags.zeroIsMissing.rawValue
    return 4 * Int(source.splitFeature[node]) + (source.defaultLeft[node] != 0 ? 0 : 1) + (zero != 0 ? 2 : 0)
  }

  /// Sorts a range and moves its distinct values to its front; returns how many they are.
  private static func sortUnique(_ values: inout [Float], _ range: Range<Int>) -> Int {
    values.withUnsafeMutableBufferPointer { buffer in
      var part = UnsafeMutableBufferPointer(rebasing: buffer[range])
      part.sort()
      var last = 0
      for i in 1..<max(part.count, 1) where part[i] != part[last] {
        last += 1
        part[last] = part[i]
      }
      return last + 1
    }
  }

  /// Where a value stands in a sorted range that contains it.
  private static func position(of value: Float, in sorted: [Float], _ range: Range<Int>) -> Int {
    var low = range.lowerBound
    var high = range.upperBound - 1
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func addColumn(_ values: ArraySlice<Float>, key: Int) {
    columns.append(
      Column(
        feature: Int32(key / 4), first: Int32(thresholds.count), count: UInt8(values.count),
        missingPasses: key & 1 != 0, zeroIsMissing: key & 2 != 0))
    let empty = SIMD16<Int32>(repeating: FeatureCodes.unreachableKey)
    var groups: [SIMD16<Int32>] = []
    var pivots = empty
    for (index, value) in values.enumerated() {
      let key = FeatureCodes.key(value)
      if index % 16 == 0 { groups.append(empty) }
      groups[index / 16][index % 16] = key
      if index % 16 == 15 { pivots[index / 16] = key }
    }
    if values.count > 16 {
      thresholds.append(pivots)
      // A value beyond the last of all full groups looks into the group after them.
      if values.count % 16 == 0 { groups.append(empty) }
    }
    thresholds += groups
  }
}
