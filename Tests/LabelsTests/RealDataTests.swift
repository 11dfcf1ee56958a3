import Market
import MarketFixtures
import Testing

@testable import Labels

private let year = "spot_BTCUSDT_1m_2023.csv.gz"

@Suite(.serialized) struct RealDataTests {
  @Test(.enabled(if: SharedData.has(year), "skipped: no shared data"))
  func aYearOfMinutes() throws {
    let series = try SharedData.candles(year)
    let clock = ContinuousClock()
    var labels: LabelSet?
    let elapsed = try clock.measure { labels = try TripleBarrier.label(series) }
    let census = try #require(labels).census
    print("labels in \(elapsed)\n\(census)")
    let written = clock.measure { _ = labels?.csv() }
    print("csv in \(written)")
    #expect(census.rows == 525_520)
    // 60 rows before the end; 60 before the halt of 2023-03-24.
    #expect(census.unlabelledEndOfData == 60 && census.unlabelledGap == 60)
    // Integer counts of decimal prices against decimal barriers: any change here is a change of the definition.
    #expect(census.classes.map(\.count) == [9129, 8442, 507_829] && census.ambiguous == 41)
    var regimes: RegimeSet?
    let spent = try clock.measure { regimes = try RegimeLabeler.label(series) }
    let set = try #require(regimes)
    print("regimes in \(spent)\n\(set.census)")
    // A row in ten thousand may turn on the last bit of the platform's logarithm.
    let counts = [34_089, 31_911, 307_088, 53_726, 46_746, 30_040, 11_422]
    #expect(zip(set.census.classes, counts).allSatisfy { abs($0.count - $1) <= 50 })
    for item in set.census.classes {
      #expect(item.share > 0.01, "\(item.regime) hardly occurs")
      #expect(item.meanSpell > 5, "\(item.regime) flickers")
    }
    var months: [[Int]] = Array(repeating: Array(repeating: 0, count: 7), count: 12)
    for row in 0..<set.count where set.regime[row] >= 0 {
      months[row * 12 / set.count][Int(set.regime[row])] += 1
    }
    for month in months.dropFirst() {
      let total = Double(month.reduce(0, +))
      print(month.map { fixed(Double($0) / total * 100, 1) }.joined(separator: " "))
      #expect(month.allSatisfy { Double($0) / total > 0.005 }, "a regime is missing for a month")
    }
  }
}
