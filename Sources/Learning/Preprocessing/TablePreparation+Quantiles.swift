import Diagnostics

/// The quantiles apart from everything else: thousands of numbers for each column, which a model's file holds as a tensor.
extension TablePreparation {
  /// The quantiles of all columns, one column behind the other.
  public var quantiles: [Double] { tables.flatMap(\.quantiles) }

  /// Whether no quantiles are still to come, so that rows can be prepared.
  public var isComplete: Bool { tables.allSatisfy { $0.awaited == 0 } }

  /// The preparation that a file described, with the quantiles of its tensor.
  /// - Throws: `TernError` of kind `data` for another number of quantiles, or some that no fit can have made.
  public func filled(with quantiles: [Double]) throws(TernError) -> TablePreparation {
    let expected = tables.reduce(0) { $0 + $1.awaited }
    guard quantiles.count == expected else {
      throw TernError(
        .data, "another number of quantiles is stored", key: "preparation", found: "\(quantiles.count)",
        expected: "\(expected)")
    }
    var rest = quantiles[...]
    var columns = columns
    for (index, column) in columns.enumerated() {
      guard case .numeric(let number) = column, case .quantile(let table) = number.transform,
        table.awaited > 0
      else { continue }
      let own = Array(rest.prefix(table.awaited))
      rest = rest.dropFirst(table.awaited)
      guard own.allSatisfy(\.isFinite), zip(own, own.dropFirst()).allSatisfy(<=) else {
        throw TernError(
          .data, "the stored preparation is damaged", key: "preparation.columns.\(index).quantiles",
          expected: "finite numbers in order")
      }
      columns[index] = .numeric(
        PreparedNumber(
          transform: .quantile(QuantileTable(quantiles: own)), fill: number.fill,
          hasIndicator: number.hasIndicator))
    }
    return TablePreparation(columns: columns)
  }

  private var tables: [QuantileTable] {
    columns.compactMap { column in
      guard case .numeric(let number) = column, case .quantile(let table) = number.transform else {
        return nil
      }
      return table
    }
  }
}
