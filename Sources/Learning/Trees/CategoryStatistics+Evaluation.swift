extension CategoryStatistics {
  /// Writes a row with its derived columns behind the raw ones.
  ///
  /// - Parameters:
  ///   - row: the raw features, `stride` elements apart.
  ///   - target: receives `hashes.count + columns.count` numbers, one after another.
  public func extend(_ row: UnsafePointer<Float>, stride: Int, into target: UnsafeMutablePointer<Float>) {
    for feature in hashes.indices { target[feature] = row[feature * stride] }
    var table = -1
    var found: Int?
    for (index, column) in columns.enumerated() {
      // Columns of one table mostly stand together.
      if column.table != table {
        table = column.table
        found = hash(of: tables[table].elements, target).flatMap { find($0, in: tables[table].hashes) }
      }
      target[hashes.count + index] = value(column, row: found)
    }
  }

  /// The value of a derived column for a row of its table, or for a combination that is in no row.
  public func value(_ column: Column, row: Int?) -> Float {
    let table = tables[column.table]
    var good = 0.0
    var total = column.kind == .counter ? table.denominator : 0
    if let row {
      let counts = table.counts[row * table.stride..<(row + 1) * table.stride]
      switch column.kind {
      case .borders:
        total = counts.reduce(0, +)
        good = counts.dropFirst(column.target + 1).reduce(0, +)
      case .buckets:
        total = counts.reduce(0, +)
        good = counts[counts.startIndex + column.target]
      case .mean:
        good = counts[counts.startIndex]
        total = counts[counts.startIndex + 1]
      case .counter: good = counts[counts.startIndex]
      }
    }
    let ratio = (Float(good) + column.priorNumerator) / (Float(total) + column.priorDenominator)
    return (ratio + column.shift) * column.scale
  }

  /// The hash of a row's combination, or nil where a category is missing or unknown.
  private func hash(of elements: [Element], _ row: UnsafePointer<Float>) -> UInt64? {
    var result: UInt64 = 0
    for element in elements {
      switch element {
      case .category(let feature):
        guard let hash = categoryHash(feature, row[feature]) else { return nil }
        result = CategoryStatistics.mix(result, CategoryStatistics.widened(hash))
      case .greater(let feature, let border):
        result = CategoryStatistics.mix(result, row[feature] > border ? 1 : 0)
      case .equals(let feature, let hash):
        result = CategoryStatistics.mix(result, categoryHash(feature, row[feature]) == hash ? 1 : 0)
      }
    }
    return result
  }

  private func categoryHash(_ feature: Int, _ code: Float) -> UInt32? {
    guard code >= 0, code < Float(hashes[feature].count) else { return nil }
    return hashes[feature][Int(code)]
  }

  private func find(_ hash: UInt64, in sorted: [UInt64]) -> Int? {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < hash { low = middle + 1 } else { high = middle }
    }
    return low < sorted.count && sorted[low] == hash ? low : nil
  }
}
