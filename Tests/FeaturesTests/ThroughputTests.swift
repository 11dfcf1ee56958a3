import Diagnostics
import Foundation
import Market
import Testing

@testable import Features

/// CPU seconds of the calling thread, so that tests that run beside do not count.
private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Prints how long a number of candles take on one thread; the figures depend on the machine and are not judged. A fifth
/// of a million keeps the suite small; TERN_THROUGHPUT_ROWS=1000000 measures the million itself.
@Test func throughput() throws {
  let rows = ProcessInfo.processInfo.environment["TERN_THROUGHPUT_ROWS"].flatMap { Int($0) } ?? 200_000
  let market = MarketData(candles: TestMarket.walk(rows: rows))
  let schema = try FeatureCatalogue.schema(for: .minute)
  var (materialised, handedOut) = (Double.infinity, Double.infinity)
  for _ in 0..<3 {
    var start = threadSeconds()
    let matrix = try FeatureBuilder.build(market, schema: schema)
    materialised = min(materialised, threadSeconds() - start)
    #expect(matrix.rows == market.candles.count)
    var seen = 0
    start = threadSeconds()
    try FeatureBuilder.forEachBlock(market, schema: schema) { block throws(TernError) in
      seen += block.rows.count
    }
    handedOut = min(handedOut, threadSeconds() - start)
    #expect(seen == market.candles.count)
  }
  print("features: \(schema.count) columns, \(rows) candles")
  print("as one matrix: \(materialised) CPU seconds; block by block: \(handedOut) CPU seconds")
  print("history for exact rows: \(schema.lookback) bars, unknown rows: at most \(schema.warmUp)")
  let engine = try FeatureEngine(schema: schema)
  var row = [Float](repeating: 0, count: schema.count)
  let start = threadSeconds()
  for index in 0..<20_000 { try engine.update(market.candles[index], into: &row) }
  print("candle by candle: \((threadSeconds() - start) / 0.02) µs per candle")
}
