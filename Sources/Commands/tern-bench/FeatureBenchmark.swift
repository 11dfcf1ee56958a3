import Diagnostics
import Features
import Glibc
import Market

/// Times the features of a candle file, handed out block by block on one thread.
///
/// The file is raw little-endian `Double`: open, high, low, close and volume (rows), column after column.
struct FeatureBenchmark {
  private let market: MarketData

  /// Reads minute candles.
  init(path: String, rows: Int) throws(TernError) {
    var candles = CandleSeries(symbol: "BENCH", interval: .minute)
    guard let file = fopen(path, "rb") else { throw TernError(.data, "cannot be opened", file: path) }
    defer { fclose(file) }
    var columns: [[Double]] = []
    for _ in 0..<5 {
      var column = [Double](repeating: 0, count: rows)
      guard fread(&column, MemoryLayout<Double>.stride, rows, file) == rows else {
        throw TernError(.data, "is too short", file: path, expected: "5 × \(rows) doubles")
      }
      columns.append(column)
    }
    for row in 0..<rows {
      candles.append(
        Candle(
          openTime: 1_672_531_200_000 + Int64(row) * 60_000, open: columns[0][row], high: columns[1][row],
          low: columns[2][row], close: columns[3][row], volume: columns[4][row]))
    }
    market = MarketData(candles: candles)
  }

  /// The CPU seconds that the named features take, all of the catalogue for none, and their values in the last row.
  func run(_ names: [String]) throws(TernError) -> (features: Int, seconds: Double, last: [Float]) {
    let schema =
      names.isEmpty
      ? try FeatureCatalogue.schema(for: .minute)
      : try FeatureCatalogue.schema(for: .minute, selecting: names)
    var last: [Float] = []
    let start = TernBench.seconds(CLOCK_THREAD_CPUTIME_ID)
    try FeatureBuilder.forEachBlock(market, schema: schema) { block throws(TernError) in
      guard block.rows.upperBound == market.candles.count else { return }
      last = (0..<schema.count).map { block.column($0)[block.rows.count - 1] }
    }
    return (schema.count, TernBench.seconds(CLOCK_THREAD_CPUTIME_ID) - start, last)
  }
}
