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

/// Prints how long a fifth of a million candles take on one thread; the figure depends on the machine and is not judged.
@Test func throughput() throws {
  let market = MarketData(candles: TestMarket.walk(rows: 200_000))
  let schema = try FeatureCatalogue.schema(for: .minute)
  var best = Double.infinity
  for _ in 0..<3 {
    let start = threadSeconds()
    let matrix = try FeatureBuilder.build(market, schema: schema)
    best = min(best, threadSeconds() - start)
    #expect(matrix.rows == market.candles.count)
  }
  print("features: \(schema.count) columns, \(best / 0.2) CPU seconds per million candles")
  print("history for exact rows: \(schema.lookback) bars, unknown rows: at most \(schema.warmUp)")
  let engine = try FeatureEngine(schema: schema)
  var row = [Float](repeating: 0, count: schema.count)
  let start = threadSeconds()
  for index in 0..<20_000 { try engine.update(market.candles[index], into: &row) }
  print("streaming: \((threadSeconds() - start) / 0.02) µs per candle")
}
