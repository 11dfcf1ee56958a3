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
    /// Whether it has more thresholds than one vector holds; the first vector then holds the last of every full group.
    var isGrouped: Bool
    /// Whether a missing value passes every test, else none.
    var missingPasses: Bool
  }

  /// What a node asks of a coded row.
  struct Test: Sendable, Equatable {
    /// Column that it reads.
    var column: Int32
    /// Codes from this on pass.
    var rank: UInt8
  }

  private(set) var columns: [Column] = []
  /// Sorted thresholds in groups of 16, padded with NaN, which no value reaches.
  private(set) var thresholds: [SIMD16<Float>] = []

  /// The columns that the tests of all nodes need, and each inner node's test, in the order of the source's nodes.
  static func coding(_ source: ForestNodes) -> (codes: FeatureCodes, tests: [Test]) {
    let nodes = source.splitFeature.count
    var codes = FeatureCodes()
    var tests = [Test](repeating: Test(column: 0, rank: 0), count: nodes)
    let keys = 2 * Int((source.splitFeature.max() ?? -1) + 1)
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
        codes.addColumn(sorted[low..<min(end, low + limit)], feature: key / 2, missingPasses: key % 2 == 1)
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
    2 * Int(source.splitFeature[node]) + (source.defaultLeft[node] != 0 ? 0 : 1)
  }

  /// Sorts a range and moves its distinct values to its front; returns how many they are.
  private static func sortUnique(_ values: inout [Float], _ range: Range<Int>) -> Int {
    values[range].sort()
    var last = range.lowerBound
    for i in range.dropFirst() where values[i] != values[last] {
      last += 1
      values[last] = values[i]
    }
    return last + 1 - range.lowerBound
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

  private mutating func addColumn(_ values: ArraySlice<Float>, feature: Int, missingPasses: Bool) {
    let isGrouped = values.count > 16
    columns.append(
      Column(
        feature: Int32(feature), first: Int32(thresholds.count), isGrouped: isGrouped,
        missingPasses: missingPasses))
    var groups: [SIMD16<Float>] = []
    var pivots = SIMD16<Float>(repeating: .nan)
    for (index, value) in values.enumerated() {
      if index % 16 == 0 { groups.append(SIMD16(repeating: .nan)) }
      groups[index / 16][index % 16] = value
      if index % 16 == 15 { pivots[index / 16] = value }
    }
    if isGrouped {
      thresholds.append(pivots)
      // A value beyond the last of all full groups looks into the group after them.
      if values.count % 16 == 0 { groups.append(SIMD16(repeating: .nan)) }
    }
    thresholds += groups
  }
}
