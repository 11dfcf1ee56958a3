import Market
import MarketFixtures

@testable import Backtest

/// Signals at random: one row in `every` says LONG or SHORT.
func randomSignals(_ count: Int, seed: UInt64, every: Double) -> Backtest.Signals {
  var random = TestRandom(state: seed)
  let directions = (0..<count).map { _ -> Direction in
    guard random.uniform() * every < 1 else { return .neutral }
    return random.uniform() < 0.5 ? .long : .short
  }
  return Backtest.Signals(
    direction: directions, confidence: directions.map { _ in 0.5 + 0.5 * random.uniform() })
}

/// Settlements of random rates of eight decimals, as exchanges publish them, some stamped a few milliseconds late.
func randomFunding(_ series: CandleSeries, every: Int64, seed: UInt64) -> FundingSeries {
  var random = TestRandom(state: seed)
  var funding = FundingSeries()
  var time = series.openTime[0] / every * every
  while time <= series.closeTime(series.count - 1) {
    funding.time.append(time + Int64(random.uniform() * 8))
    funding.rate.append(((random.uniform() - 0.5) * 200_000).rounded() / 1e8)
    time += every
  }
  return funding
}
