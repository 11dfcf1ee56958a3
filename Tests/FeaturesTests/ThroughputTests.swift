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

/// Prints how long a number of candles take on one thread; the figure depends on the machine and is not judged. A fifth
/// of a million keeps the suite small; TERN_THROUGHPUT_ROWS=1000000 measures the million itself.
@Test func throughput() throws {
  let rows = ProcessInfo.processInfo.environment["TERN_THROUGHPUT_ROWS"].flatMap { Int($0) } ?? 200_000
  let market = MarketData(candles: TestMarket.walk(rows: rows))
  let schema = try FeatureCatalogue.schema(for: .minute)
  var best = Double.infinity
  for _ in 0..<3 {
    let start = threadSeconds()
    let matrix = try FeatureBuilder.build(market, schema: schema)
    best = min(best, threadSeconds() - start)
    #expect(matrix.rows == market.candles.count)
  }
  print("features: \(schema.count) columns, \(rows) candles, \(best) CPU seconds")
  print("history for exact rows: \(schema.lookback) bars, unknown rows: at most \(schema.warmUp)")
  let engine = try FeatureEngine(schema: schema)
  var row = [Float](repeating: 0, count: schema.count)
  let start = threadSeconds()
  for index in 0..<20_000 { try engine.update(market.candles[index], into: &row) }
  print("streaming: \((threadSeconds() - start) / 0.02) µs per candle")
}
