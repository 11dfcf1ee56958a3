import Diagnostics
import Market
import Testing

@Suite struct CandleSeriesTests {
  private func series(openTimes: [Int64]) -> CandleSeries {
    var series = CandleSeries(symbol: "TEST", interval: .minute)
    for time in openTimes {
      series.append(Candle(openTime: time * 60_000, open: 1, high: 1, low: 1, close: 1, volume: 0))
    }
    return series
  }

  @Test func segmentsEndAtGaps() {
    #expect(series(openTimes: [0, 1, 2, 5, 6, 9]).contiguousSegments() == [0..<3, 3..<5, 5..<6])
    #expect(series(openTimes: [4]).contiguousSegments() == [0..<1])
    #expect(series(openTimes: []).contiguousSegments().isEmpty)
  }

  @Test func findsTheFirstCandleFromATime() {
    let candles = series(openTimes: [0, 1, 2, 5])
    #expect(candles.firstIndex(atOrAfter: 0) == 0)
    #expect(candles.firstIndex(atOrAfter: 120_001) == 3)
    #expect(candles.firstIndex(atOrAfter: 600_000) == 4)
  }

  @Test func slicesKeepEveryColumn() {
    let candles = series(openTimes: [0, 1, 2, 3])
    #expect(candles.slice(1..<3)[0].openTime == candles[1].openTime)
    #expect(candles.slice(1..<3).count == 2)
  }
}

@Suite struct IntervalTests {
  @Test(arguments: [("1m", 60_000), ("5m", 300_000), ("1h", 3_600_000), ("1d", 86_400_000), ("30s", 30_000)])
  func readsTheExchangesSpelling(text: String, milliseconds: Int64) throws {
    let interval = try Interval(text)
    #expect(interval.milliseconds == milliseconds)
    #expect(interval.description == text)
  }

  @Test(arguments: ["", "m", "0m", "-1m", "1x", "1.5h", "99999999999999999w"])
  func refuses(_ text: String) {
    #expect(throws: TernError.self) { try Interval(text) }
  }
}
