import Diagnostics

extension CategoryStatistics {
  /// The greatest number of categories of a feature: codes are whole numbers that `Float` holds.
  private static let codeLimit = 1 << 24

  /// Checks everything that evaluation relies on.
  func validate(features: Int) throws(TernError) {
    guard hashes.count == features, hashes.allSatisfy({ $0.count <= CategoryStatistics.codeLimit }) else {
      throw TernError(
        .data, "statistics need the hashes of every feature", key: "statistics.hashes",
        found: "\(hashes.count) features", expected: "\(features)")
    }
    for (index, table) in tables.enumerated() { try validate(table, index) }
    for (index, column) in columns.enumerated() {
      guard tables.indices.contains(column.table) else {
        throw TernError(
          .data, "statistic \(index) has a table that does not exist", key: "statistics.columns",
          found: "\(column.table)", expected: "0 ..< \(tables.count)")
      }
      let stride = tables[column.table].stride
      let isFitting: Bool
      switch column.kind {
      case .borders, .buckets: isFitting = column.target >= 0 && column.target < stride
      case .mean: isFitting = stride == 2
      case .counter: isFitting = stride == 1
      }
      guard isFitting else {
        throw TernError(
          .data, "statistic \(index) does not fit its table", key: "statistics.columns",
          found: "\(column.kind) of target \(column.target) with \(stride) counts")
      }
      guard column.priorNumerator.isFinite, column.priorDenominator.isFinite, column.shift.isFinite,
        column.scale.isFinite
      else {
        throw TernError(.data, "statistic \(index) holds a value that is not a number", key: "statistics")
      }
    }
  }

  private func validate(_ table: Table, _ index: Int) throws(TernError) {
    let (wanted, overflow) = table.hashes.count.multipliedReportingOverflow(by: table.stride)
    guard table.stride > 0, !overflow, table.counts.count == wanted, table.counts.allSatisfy(\.isFinite),
      table.denominator.isFinite
    else {
      throw TernError(
        .data, "table \(index) has wrong counts", key: "statistics.counts", found: "\(table.counts.count)",
        expected: "\(table.hashes.count) × \(table.stride) finite numbers")
    }
    guard zip(table.hashes, table.hashes.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw TernError(.data, "table \(index) has hashes out of order", key: "statistics.hashes")
    }
    for element in table.elements {
      let feature: Int
      switch element {
      case .category(let index), .greater(let index, _), .equals(let index, _): feature = index
      }
      guard hashes.indices.contains(feature) else {
        throw TernError(
          .data, "table \(index) uses a feature that does not exist", key: "statistics.elements",
          found: "\(feature)", expected: "0 ..< \(hashes.count)")
      }
    }
  }
}
