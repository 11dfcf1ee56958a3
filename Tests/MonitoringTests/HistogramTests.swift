import Testing

@testable import Monitoring

@Suite struct HistogramTests {
  @Test func countsEachValueInTheBucketWhoseBoundItDoesNotExceed() {
    let histogram = Histogram(bounds: [1, 2, 5])
    for value in [0.5, 1, 1.5, 2, 3, 5, 6, .infinity] { histogram.observe(value) }
    #expect(histogram.snapshot().counts == [2, 2, 2, 2])
    #expect(histogram.snapshot().count == 8)
  }

  @Test func quantilesInterpolateInsideTheirBucket() {
    let histogram = Histogram(bounds: [1, 2, 4])
    #expect(histogram.snapshot().quantile(0.5) == nil)
    for value in [0.5, 1.5, 1.5, 3] { histogram.observe(value) }
    let snapshot = histogram.snapshot()
    // The ranks are 2 of 4 (half way into the second bucket) and 4 of 4 (the end of the third).
    #expect(snapshot.quantile(0.5) == 1.5)
    #expect(snapshot.quantile(1) == 4)
    #expect(snapshot.sum == 6.5)
    histogram.observe(9)
    #expect(histogram.snapshot().quantile(1) == 4)
  }
}
