/// Rows' margins in parts: `baseline[output] + Σ values` over the features is the row's margin, up to what the steps of the
/// integration leave over.
public struct NetworkAttributions: Sendable, Equatable {
  /// Number of rows.
  public let rows: Int
  /// Number of margins per row.
  public let outputs: Int
  /// Number of features: input columns of the model.
  public let features: Int
  /// Margins of the baseline: (output).
  public let baseline: [Double]
  /// Margins of the rows, row-major (row, output).
  public let margins: [Double]
  /// What each feature adds to its row's margin, row-major (row, output, feature).
  public let values: [Double]

  /// The values of one row and output: (feature).
  public func values(row: Int, output: Int = 0) -> ArraySlice<Double> {
    let first = (row * outputs + output) * features
    return values[first..<first + features]
  }

  /// Mean |value| of every feature over the rows, summed over the outputs: (feature); zeros without rows.
  public var meanMagnitudes: [Double] {
    var sums = [Double](repeating: 0, count: features)
    guard features > 0 else { return sums }
    for index in values.indices { sums[index % features] += abs(values[index]) }
    return sums.map { $0 / Double(max(rows, 1)) }
  }

  /// The largest distance of a row's margin from the sum of its parts.
  public var completenessError: Double {
    var largest = 0.0
    for row in 0..<rows {
      for output in 0..<outputs {
        let sum = values(row: row, output: output).reduce(baseline[output], +)
        largest = max(largest, abs(sum - margins[row * outputs + output]))
      }
    }
    return largest
  }
}
