import Compute
import Diagnostics
import Glibc

/// The table on which boosting libraries are timed: normal features and a label of interactions, steps and noise.
///
/// The file is raw little-endian `Float`: (features)(rows) column after column, then the labels (rows).
struct BenchmarkTable {
  var rows: Int
  var features: Int
  var columns: [[Float]]
  var labels: [Float]

  /// Draws a table; the same seed gives the same table everywhere.
  init(rows: Int, features: Int, seed: UInt64) {
    self.rows = rows
    self.features = features
    columns = (0..<features).map { feature in
      var random = Philox(seed: seed, stream: UInt64(feature))
      return (0..<rows).map { _ in Float(random.normal()) }
    }
    var random = Philox(seed: seed, stream: UInt64(features))
    labels = []
    labels.reserveCapacity(rows)
    for row in 0..<rows {
      func x(_ feature: Int) -> Double { Double(columns[feature % features][row]) }
      let margin =
        0.8 * x(0) + x(1) * x(2) + sin(2 * x(3)) + (x(4) > 0.5 ? 1 : -0.3) * x(5) + 0.5 * abs(x(6)) - 0.4
        + 0.3 * x(7) * x(8) * x(9) + 0.2 * x(10)
      labels.append(random.uniform() < 1 / (1 + exp(-margin)) ? 1 : 0)
    }
  }

  /// Reads a table that `write(to:)` wrote.
  init(path: String, rows: Int, features: Int) throws(TernError) {
    self.rows = rows
    self.features = features
    columns = []
    labels = []
    guard let file = fopen(path, "rb") else {
      throw TernError(.data, "cannot be opened", file: path)
    }
    defer { fclose(file) }
    for _ in 0...features {
      var column = [Float](repeating: 0, count: rows)
      guard fread(&column, MemoryLayout<Float>.stride, rows, file) == rows else {
        throw TernError(.data, "is too short", file: path, expected: "\(features + 1) × \(rows) floats")
      }
      columns.append(column)
    }
    labels = columns.removeLast()
  }

  /// Writes the table for the peers to read.
  func write(to path: String) throws(TernError) {
    guard let file = fopen(path, "wb") else {
      throw TernError(.data, "cannot be written", file: path)
    }
    defer { fclose(file) }
    for column in columns + [labels] where fwrite(column, MemoryLayout<Float>.stride, rows, file) != rows {
      throw TernError(.temporary, "cannot be written in full", file: path)
    }
  }
}
