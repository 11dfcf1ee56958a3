/// Small dense systems of linear equations.
enum LinearSystem {
  /// Solves `matrix` · x = `right` by Gaussian elimination with full pivoting.
  ///
  /// Unknowns that the equations leave open, to within rounding, are zero.
  /// - Parameters:
  ///   - matrix: row-major (n, n).
  ///   - right: (n).
  static func solve(_ matrix: [Double], _ right: [Double]) -> [Double] {
    let n = right.count
    var a = matrix
    var b = right
    var order = Array(0..<n)
    let scale = matrix.reduce(0) { max($0, abs($1)) }
    var rank = 0
    while rank < n {
      var pivot = (row: rank, column: rank)
      for row in rank..<n {
        for column in rank..<n where abs(a[row * n + column]) > abs(a[pivot.row * n + pivot.column]) {
          pivot = (row, column)
        }
      }
      if abs(a[pivot.row * n + pivot.column]) <= scale * 1e-14 { break }
      if pivot.row != rank {
        for column in 0..<n { a.swapAt(pivot.row * n + column, rank * n + column) }
        b.swapAt(pivot.row, rank)
      }
      if pivot.column != rank {
        for row in 0..<n { a.swapAt(row * n + pivot.column, row * n + rank) }
        order.swapAt(pivot.column, rank)
      }
      for row in rank + 1..<max(n, rank + 1) {
        let factor = a[row * n + rank] / a[rank * n + rank]
        if factor == 0 { continue }
        for column in rank..<n { a[row * n + column] -= factor * a[rank * n + column] }
        b[row] -= factor * b[rank]
      }
      rank += 1
    }
    var solution = [Double](repeating: 0, count: n)
    for row in stride(from: rank - 1, through: 0, by: -1) {
      var sum = b[row]
      for column in row + 1..<max(rank, row + 1) { sum -= a[row * n + column] * solution[order[column]] }
      solution[order[row]] = sum / a[row * n + row]
    }
    return solution
  }
}
