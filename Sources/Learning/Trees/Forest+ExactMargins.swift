import Compute
import Diagnostics

extension Forest {
  /// The number of rows of a column-major table that fits the forest.
  ///
  /// - Throws: `TernError(.data)` if the number of columns or a column's length does not fit.
  func checkedRows(of columns: [[Float]]) throws(TernError) -> Int {
    let rows = columns.first?.count ?? 0
    guard columns.count == features else {
      throw TernError(
        .data, "wrong number of columns", found: "\(columns.count)", expected: "\(features)")
    }
    for (name, column) in zip(header.featureNames, columns) where column.count != rows {
      throw TernError(
        .data, "columns differ in length", key: name, found: "\(column.count)", expected: "\(rows)")
    }
    return rows
  }

  /// The margins of a column-major table before they are rounded to `Float`, row-major (rows, outputs).
  ///
  /// - Throws: `TernError(.data)` if the number of columns or a column's length does not fit.
  public func exactMargins(columns: [[Float]], pool: ThreadPool) throws(TernError) -> [Double] {
    try exactMargins(columns: columns, rows: try checkedRows(of: columns), pool: pool)
  }

  /// The same for columns of known length, so that a forest without features has rows too.
  func exactMargins(columns: [[Float]], rows: Int, pool: ThreadPool) throws(TernError) -> [Double] {
    let general: GeneralForest
    switch engine {
    case .plain: return try predictMargins(columns: columns, pool: pool).map(Double.init)
    case .exact(let compiled, let scale):
      return exactMargins(.columns(columns, first: 0), compiled, scale, rows: rows, pool: pool)
    case .general(let own): general = own
    }
    var margins = [Double](repeating: 0, count: rows * outputs)
    let features = self.features
    let outputs = self.outputs
    margins.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      let output = SharedPointer(target)
      pool.parallelChunks(of: rows, chunk: Forest.blockRows) { range, _ in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, features)) { scratch in
          guard let row = scratch.baseAddress else { return }
          for index in range {
            for feature in 0..<features { row[feature] = columns[feature][index] }
            general.margins(row, stride: 1) { output.pointer[index * outputs + $0] = $1 }
          }
        }
      }
    }
    return margins
  }

  /// The same by an engine that sums in `Double`.
  func exactMargins(
    _ table: BlockValues, _ compiled: CompiledForest<Double>, _ scale: MarginScale, rows: Int,
    pool: ThreadPool
  ) -> [Double] {
    var margins = [Double](repeating: 0, count: rows * outputs)
    let outputs = self.outputs
    margins.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      let output = SharedPointer(target)
      pool.parallelChunks(of: rows, chunk: Forest.blockRows) { range, _ in
        let sums = output.pointer + range.lowerBound * outputs
        compiled.accumulate(table.dropping(range.lowerBound), rows: range.count, sums: sums)
        for row in 0..<range.count {
          for output in 0..<outputs {
            sums[row * outputs + output] = scale.margin(sum: sums[row * outputs + output], output: output)
          }
        }
      }
    }
    return margins
  }
}
