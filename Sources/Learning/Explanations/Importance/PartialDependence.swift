import Diagnostics

/// A model's mean prediction as a function of one feature, and of each single row (Friedman, "Greedy Function
/// Approximation", 2001, section 8.2; Goldstein et al., "Peeking Inside the Black Box", 2015).
public struct PartialDependence: Sendable, Equatable {
  /// The feature and the values that it was set to.
  public let grid: FeatureGrid
  /// Number of predictions per row.
  public let outputs: Int
  /// Number of rows averaged over.
  public let rows: Int
  /// Mean prediction over the rows, row-major (point, output).
  public let averages: [Double]
  /// The rows' own predictions, row-major (row, point, output).
  public let individuals: [Double]

  /// Predicts all rows with the feature set to each value of a grid.
  ///
  /// - Parameter columns: (feature, row).
  /// - Throws: what the model throws, and `TernError(.data)` for no rows.
  public init(_ model: TablePredictor, columns: [[Float]], grid: FeatureGrid) throws(TernError) {
    let rows = columns.first?.count ?? 0
    guard rows > 0 else { throw TernError(.data, "there is no row to average over") }
    let outputs = model.outputs
    var table = columns
    var averages: [Double] = []
    var individuals = [Double](repeating: 0, count: rows * grid.values.count * outputs)
    for (point, value) in grid.values.enumerated() {
      table[grid.feature] = [Float](repeating: value, count: rows)
      let predictions = try model(table)
      for output in 0..<outputs {
        var sum = 0.0
        for row in 0..<rows {
          sum += predictions[row * outputs + output]
          individuals[(row * grid.values.count + point) * outputs + output] =
            predictions[row * outputs + output]
        }
        averages.append(sum / Double(rows))
      }
    }
    self.grid = grid
    self.outputs = outputs
    self.rows = rows
    self.averages = averages
    self.individuals = individuals
  }

  /// The mean curve of an output: (point).
  public func curve(output: Int = 0) -> [Double] {
    grid.values.indices.map { averages[$0 * outputs + output] }
  }

  /// One row's own curve: (point).
  public func curve(row: Int, output: Int = 0) -> [Double] {
    grid.values.indices.map { individuals[(row * grid.values.count + $0) * outputs + output] }
  }
}

/// A model's mean prediction as a function of two features.
public struct JointDependence: Sendable, Equatable {
  /// One feature and the values that it was set to.
  public let first: FeatureGrid
  /// The other one and its values.
  public let second: FeatureGrid
  /// Number of predictions per row.
  public let outputs: Int
  /// Mean prediction, row-major (point of the first, point of the second, output).
  public let averages: [Double]

  /// Predicts all rows with both features set to each pair of values.
  /// - Throws: as `PartialDependence`.
  public init(
    _ model: TablePredictor, columns: [[Float]], first: FeatureGrid, second: FeatureGrid
  ) throws(TernError) {
    precondition(first.feature != second.feature, "a joint dependence needs two features")
    var table = columns
    var averages: [Double] = []
    for value in first.values {
      table[first.feature] = [Float](repeating: value, count: columns.first?.count ?? 0)
      averages += try PartialDependence(model, columns: table, grid: second).averages
    }
    self.first = first
    self.second = second
    outputs = model.outputs
    self.averages = averages
  }

  /// The mean prediction at a pair of points.
  public func value(_ first: Int, _ second: Int, output: Int = 0) -> Double {
    averages[(first * self.second.values.count + second) * outputs + output]
  }
}
