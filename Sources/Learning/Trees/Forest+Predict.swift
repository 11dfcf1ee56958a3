import Compute
import Diagnostics
import Glibc

extension Forest {
  /// Rows of one block of batch prediction: their features stay in the second-level cache while all trees pass.
  static let blockRows = 512

  /// The margins of one row, without allocating.
  ///
  /// - Parameters:
  ///   - row: the features, `features` numbers, NaN where missing.
  ///   - margins: receives `outputs` numbers.
  public func predictMargin(row: UnsafePointer<Float>, into margins: UnsafeMutablePointer<Float>) {
    switch engine {
    case .plain(let compiled):
      header.baseScores.withUnsafeBufferPointer { base in
        for output in 0..<base.count { margins[output] = base[output] }
      }
      compiled.accumulate(row: row, hasFeatures: features > 0, margins: margins)
    case .exact(let compiled, let scale):
      compiled.sums(row: row, hasFeatures: features > 0, start: { _ in 0 }) { output, sum in
        margins[output] = Float(scale.margin(sum: sum, output: output))
      }
    case .general(let general):
      general.margins(row, stride: 1) { output, margin in margins[output] = Float(margin) }
    }
  }

  /// The predictions of one row after the link, without allocating; shapes as in `predictMargin(row:into:)`.
  public func predict(row: UnsafePointer<Float>, into predictions: UnsafeMutablePointer<Float>) {
    predictMargin(row: row, into: predictions)
    header.link.apply(to: predictions, outputs: header.outputs, scale: header.linkScale)
  }

  /// The margins of a column-major table, row-major (rows, outputs).
  ///
  /// - Throws: `TernError(.data)` if the number of columns or a column's length does not fit.
  public func predictMargins(columns: [[Float]], pool: ThreadPool) throws(TernError) -> [Float] {
    let rows = try checkedRows(of: columns)
    guard case .plain(let compiled) = engine else {
      return try exactMargins(columns: columns, pool: pool).map(Float.init)
    }
    var margins = baseMargins(rows: rows)
    margins.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      let output = SharedPointer(target)
      pool.parallelChunks(of: rows, chunk: Forest.blockRows) { range, _ in
        compiled.accumulate(
          .columns(columns, first: range.lowerBound), rows: range.count,
          margins: output.pointer + range.lowerBound * outputs)
      }
    }
    return margins
  }

  /// The margins of `rows` rows stored one after another, row-major (rows, outputs).
  ///
  /// - Throws: `TernError(.data)` if `values` does not hold `rows × features` numbers.
  public func predictMargins(
    rowMajor values: UnsafeBufferPointer<Float>, rows: Int, pool: ThreadPool
  ) throws(TernError) -> [Float] {
    let features = self.features
    let (wanted, overflow) = rows.multipliedReportingOverflow(by: features)
    guard rows >= 0, !overflow, values.count == wanted else {
      throw TernError(
        .data, "wrong number of values", found: "\(values.count)", expected: "\(rows) × \(features)")
    }
    if case .exact(let compiled, let scale) = engine, let base = values.baseAddress {
      let table = RowBlock(base: base, featureStride: 1, rowStride: features)
      return exactMargins(.even(table), compiled, scale, rows: rows, pool: pool).map(Float.init)
    }
    guard case .plain(let compiled) = engine else {
      let columns = (0..<features).map { feature in
        (0..<rows).map { values[$0 * features + feature] }
      }
      return try exactMargins(columns: columns, rows: rows, pool: pool).map(Float.init)
    }
    var margins = baseMargins(rows: rows)
    guard let base = values.baseAddress else { return margins }
    let input = SharedPointer(UnsafeMutablePointer(mutating: base))
    margins.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      let output = SharedPointer(target)
      pool.parallelChunks(of: rows, chunk: Forest.blockRows) { range, _ in
        compiled.accumulate(
          .even(
            RowBlock(
              base: input.pointer + range.lowerBound * features, featureStride: 1, rowStride: features)),
          rows: range.count, margins: output.pointer + range.lowerBound * outputs)
      }
    }
    return margins
  }

  /// The predictions of a column-major table after the link, row-major (rows, outputs).
  public func predict(columns: [[Float]], pool: ThreadPool) throws(TernError) -> [Float] {
    var margins = try predictMargins(columns: columns, pool: pool)
    header.link.apply(to: &margins, outputs: outputs, scale: header.linkScale, pool: pool)
    return margins
  }

  private func baseMargins(rows: Int) -> [Float] {
    if outputs == 1 { return [Float](repeating: header.baseScores[0], count: rows) }
    var margins: [Float] = []
    margins.reserveCapacity(rows * outputs)
    for _ in 0..<rows { margins += header.baseScores }
    return margins
  }
}

/// A pointer that the items of a parallel region share; each writes only the elements that are its own.
struct SharedPointer<Element>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>

  init(_ pointer: UnsafeMutablePointer<Element>) { self.pointer = pointer }
}
