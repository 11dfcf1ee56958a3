import Compute
import Diagnostics
import Glibc
import Trees

/// Times the margins of a table and of single rows.
struct PredictionBenchmark {
  private let forest: Forest
  private let rows: Int
  /// Row-major (rows, features).
  private let values: [Float]

  init(_ table: BenchmarkTable, forest: Forest) {
    self.forest = forest
    rows = table.rows
    var values = [Float](repeating: 0, count: table.rows * table.features)
    for (feature, column) in table.columns.enumerated() {
      for row in 0..<table.rows { values[row * table.features + feature] = column[row] }
    }
    self.values = values
  }

  /// The shortest of several runs over the first rows, in seconds, and the margins.
  func table(rows: Int, threads: Int, repeats: Int) throws(TernError) -> (seconds: Double, margins: [Float]) {
    let pool = ThreadPool(threads: threads)
    let count = rows * forest.features
    var best = Double.infinity
    var margins: [Float] = []
    for _ in 0..<repeats {
      let start = TernBench.seconds()
      margins = try values.withUnsafeBufferPointer { buffer throws(TernError) in
        try forest.predictMargins(
          rowMajor: UnsafeBufferPointer(rebasing: buffer[..<count]), rows: rows, pool: pool)
      }
      best = min(best, TernBench.seconds() - start)
    }
    return (best, margins)
  }

  /// Seconds of one row after the other on this thread: the shortest of many batches of a hundred.
  func singleRow() -> Double {
    let features = forest.features
    var best = Double.infinity
    var margin: Float = 0
    values.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for batch in 0..<2000 {
        let first = batch * 100 % max(1, rows - 100)
        let start = TernBench.seconds()
        for row in first..<first + 100 { forest.predictMargin(row: base + row * features, into: &margin) }
        best = min(best, (TernBench.seconds() - start) / 100)
      }
    }
    return best
  }

  /// Seconds to read the arrays and compile them.
  static func load(_ path: String, precision: Forest.Precision) throws(TernError) -> (
    forest: Forest, seconds: Double
  ) {
    let start = TernBench.seconds()
    let forest = try ForestFile(path: path, precision: precision).forest
    return (forest, TernBench.seconds() - start)
  }

  /// Runs the command `prediction FILE ROWS FEATURES THREADS FOREST PRECISION [MARGINS]`.
  static func run(_ arguments: [String]) throws(TernError) {
    guard arguments.count >= 6, let rows = Int(arguments[1]), let features = Int(arguments[2]),
      let threads = Int(arguments[3]), let precision = Forest.Precision(rawValue: arguments[5]), rows > 100
    else {
      throw TernError(
        .usage,
        "usage: tern-bench prediction FILE ROWS FEATURES THREADS FOREST float|double [MARGINS], of more than 100 rows"
      )
    }
    let (forest, loading) = try load(arguments[4], precision: precision)
    guard forest.features == features else {
      throw TernError(
        .usage, "the forest has other features", found: "\(forest.features)", expected: "\(features)")
    }
    let benchmark = PredictionBenchmark(
      try BenchmarkTable(path: arguments[0], rows: rows, features: features), forest: forest)
    let small = min(rows, 20_000)
    let whole = try benchmark.table(rows: rows, threads: threads, repeats: 20)
    let part = try benchmark.table(rows: small, threads: threads, repeats: 40)
    let oneThread = try benchmark.table(rows: rows, threads: 1, repeats: 10)
    if arguments.count > 6 { try write(whole.margins, to: arguments[6]) }
    print(
      """
      {"seconds": \(whole.seconds), "small_seconds": \(part.seconds), "one_thread_seconds": \(oneThread.seconds), \
      "row_seconds": \(benchmark.singleRow()), "load_seconds": \(loading), "trees": \(forest.trees), \
      "nodes": \(forest.nodes)}
      """)
  }

  private static func write(_ margins: [Float], to path: String) throws(TernError) {
    guard let file = fopen(path, "wb") else { throw TernError(.data, "cannot be written", file: path) }
    defer { fclose(file) }
    guard fwrite(margins, MemoryLayout<Float>.stride, margins.count, file) == margins.count else {
      throw TernError(.temporary, "cannot be written in full", file: path)
    }
  }
}
