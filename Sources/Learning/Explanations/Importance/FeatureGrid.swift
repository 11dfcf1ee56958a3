import Diagnostics

/// The values of a column at which a model is probed: quantiles, so that each stands for as many rows.
public struct FeatureGrid: Sendable, Equatable {
  /// Place of the column.
  public let feature: Int
  /// Increasing values.
  public let values: [Float]

  /// The distinct values of a column if they are few, else quantiles of it, both ends included.
  ///
  /// - Throws: `TernError(.data)` for a column without a finite value, `TernError(.configuration)` for fewer than two points.
  public init(_ columns: [[Float]], feature: Int, points: Int = 20) throws(TernError) {
    precondition(columns.indices.contains(feature), "a grid needs a column of the table")
    guard points >= 2 else {
      throw TernError(
        .configuration, "needs both ends", key: "points", found: "\(points)", expected: "2 or more")
    }
    let sorted = columns[feature].filter(\.isFinite).sorted()
    guard !sorted.isEmpty else {
      throw TernError(.data, "column \(feature) has no finite value to draw a dependence on")
    }
    self.feature = feature
    var distinct: [Float] = []
    for value in sorted where distinct.last != value {
      distinct.append(value)
      if distinct.count > points { break }
    }
    if distinct.count > points {
      distinct = []
      for point in 0..<points {
        let value = sorted[(sorted.count - 1) * point / (points - 1)]
        if distinct.last != value { distinct.append(value) }
      }
    }
    values = distinct
  }
}
