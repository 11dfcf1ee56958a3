import Diagnostics

/// Accumulated local effects: what a model's prediction gains from point to point of a grid, measured on the rows that lie
/// between the points, so that no row is moved to where no data are (Apley and Zhu, "Visualizing the Effects of
/// Predictor Variables", 2020).
public struct AccumulatedEffects: Sendable, Equatable {
  /// The feature and the ends of its intervals.
  public let grid: FeatureGrid
  /// Number of predictions per row.
  public let outputs: Int
  /// Accumulated effect at each point, with mean zero over the rows, row-major (point, output).
  public let effects: [Double]

  /// Measures the effects; rows whose value is missing take no part.
  ///
  /// - Parameter columns: (feature, row).
  /// - Throws: what the model throws.
  public init(_ model: TablePredictor, columns: [[Float]], grid: FeatureGrid) throws(TernError) {
    let outputs = model.outputs
    let points = grid.values.count
    let column = columns[grid.feature]
    let rows = column.indices.filter { column[$0].isFinite && points > 1 }
    // Interval k lies between points k and k + 1 and holds its upper end; the first holds both.
    let intervals = rows.map { row in
      min(max((grid.values.firstIndex { $0 >= column[row] } ?? points - 1) - 1, 0), points - 2)
    }
    var table = columns.map { values in rows.map { values[$0] } }
    table[grid.feature] = intervals.map { grid.values[$0] }
    let lower = rows.isEmpty ? [] : try model(table)
    table[grid.feature] = intervals.map { grid.values[$0 + 1] }
    let upper = rows.isEmpty ? [] : try model(table)
    var effects = [Double](repeating: 0, count: points * outputs)
    for output in 0..<outputs {
      var sums = [Double](repeating: 0, count: points)
      var counts = [Int](repeating: 0, count: points)
      for (index, interval) in intervals.enumerated() {
        sums[interval] += upper[index * outputs + output] - lower[index * outputs + output]
        counts[interval] += 1
      }
      var level = 0.0
      var mean = 0.0
      for point in 1..<max(points, 1) {
        let step = counts[point - 1] > 0 ? sums[point - 1] / Double(counts[point - 1]) : 0
        // A row lies somewhere in its interval: the middle stands for it.
        mean += Double(counts[point - 1]) * (level + step / 2)
        level += step
        effects[point * outputs + output] = level
      }
      mean /= Double(max(rows.count, 1))
      for point in 0..<points { effects[point * outputs + output] -= mean }
    }
    self.grid = grid
    self.outputs = outputs
    self.effects = effects
  }

  /// The curve of an output: (point).
  public func curve(output: Int = 0) -> [Double] {
    grid.values.indices.map { effects[$0 * outputs + output] }
  }
}
