import Compute
import Testing

@testable import Sessions

@Suite struct LatencyHistogramTests {
  /// A quantile is at most one bucket, 1/32, above the exact one.
  @Test func quantilesAreWithinABucketOfTheExactOnes() {
    var random = Philox(seed: 3, stream: 0)
    var histogram = LatencyHistogram()
    var values: [UInt64] = []
    for _ in 0..<20_000 {
      let value = UInt64(random.integer(below: 1 << (4 + random.integer(below: 30))))
      values.append(value)
      histogram.record(value)
    }
    values.sort()
    for share in [0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1] {
      let exact = values[max(0, Int((share * 20_000).rounded(.up)) - 1)]
      let found = histogram.quantile(share)
      #expect(found >= exact)
      #expect(Double(found) <= Double(exact) * (1 + 1.0 / 32) + 1)
    }
    #expect(histogram.count == 20_000 && histogram.maximum == values.last)
  }

  @Test func nothingMeasuredIsZero() { #expect(LatencyHistogram().quantile(0.5) == 0) }
}
