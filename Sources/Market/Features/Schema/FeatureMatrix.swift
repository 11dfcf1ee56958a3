import Diagnostics

/// Feature rows of one market, stored column after column.
public struct FeatureMatrix: Sendable {
  /// What the columns are.
  public let schema: FeatureSchema
  /// Open time of the candle of each row, milliseconds since the epoch, UTC; the row is known at its close.
  public let openTime: [Int64]
  /// Number of rows.
  public var rows: Int { openTime.count }
  /// Number of columns.
  public var columns: Int { schema.features.count }
  /// Values `(column, row)`: feature `f` of row `r` is at `f * rows + r`; NaN is unknown.
  public let values: [Float]

  /// Gathers the parts.
  /// - Throws: `TernError` of kind `data` when the number of values is not rows × columns.
  public init(schema: FeatureSchema, openTime: [Int64], values: [Float]) throws(TernError) {
    guard values.count == schema.features.count * openTime.count else {
      throw TernError(
        .data, "the number of feature values does not fit rows and columns", found: "\(values.count)",
        expected: "\(openTime.count) × \(schema.features.count)")
    }
    self.init(schema: schema, openTime: openTime, unchecked: values)
  }

  init(schema: FeatureSchema, openTime: [Int64], unchecked values: [Float]) {
    self.schema = schema
    self.openTime = openTime
    self.values = values
  }

  /// One column.
  public func column(_ index: Int) -> ArraySlice<Float> { values[index * rows..<(index + 1) * rows] }

  /// One column by name.
  /// - Throws: `TernError` of kind `configuration` with the nearest known name.
  public func column(named name: String) throws(TernError) -> ArraySlice<Float> {
    guard let index = schema.index(of: name) else {
      throw FeatureCatalogue.unknown(name, among: schema.names)
    }
    return column(index)
  }

  /// One row, in schema order.
  public func row(_ index: Int) -> [Float] { (0..<columns).map { values[$0 * rows + index] } }
}
