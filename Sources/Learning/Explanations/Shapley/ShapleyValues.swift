/// Shapley values of rows in margin space: `expected[output] + Σ values` over the features is the row's margin.
public struct ShapleyValues: Sendable, Equatable {
  /// Number of rows.
  public let rows: Int
  /// Number of margins per row.
  public let outputs: Int
  /// Number of features.
  public let features: Int
  /// Expected margin of each output, what is left when nothing is known of a row: (output).
  public let expected: [Double]
  /// Row-major (row, output, feature).
  public let values: [Double]

  /// The values of one row and output: (feature).
  public func values(row: Int, output: Int = 0) -> ArraySlice<Double> {
    let first = (row * outputs + output) * features
    return values[first..<first + features]
  }

  /// The margin of a row, put together from its parts.
  public func margin(row: Int, output: Int = 0) -> Double {
    values(row: row, output: output).reduce(expected[output], +)
  }

  /// Mean |value| of every feature over the rows, summed over the outputs: (feature); zeros without rows.
  public var meanMagnitudes: [Double] {
    var sums = [Double](repeating: 0, count: features)
    guard features > 0 else { return sums }
    for index in values.indices { sums[index % features] += abs(values[index]) }
    return sums.map { $0 / Double(max(rows, 1)) }
  }
}

/// Shapley interaction values of rows in margin space (Lundberg 2018, section 4).
///
/// The two entries of a pair hold half of its interaction each; a diagonal entry is what remains of the feature's
/// Shapley value, so that every row of the matrix sums to the feature's Shapley value.
public struct ShapleyInteractions: Sendable, Equatable {
  /// Number of rows.
  public let rows: Int
  /// Number of margins per row.
  public let outputs: Int
  /// Number of features.
  public let features: Int
  /// Expected margin of each output: (output).
  public let expected: [Double]
  /// Row-major (row, output, feature, feature), symmetric.
  public let values: [Double]

  /// The entry of a pair of features.
  public func value(row: Int, output: Int = 0, _ first: Int, _ second: Int) -> Double {
    values[((row * outputs + output) * features + first) * features + second]
  }
}
