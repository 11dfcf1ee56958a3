import Diagnostics
import Foundation
import Market
import MarketFixtures
import Testing

@testable import Feeds

@Suite struct SyntheticMarketTests {
  private func recipe(days: Int = 60, strength: Double = 1) -> SyntheticMarket.Configuration {
    var recipe = SyntheticMarket.Configuration()
    recipe.days = days
    recipe.strength = strength
    return recipe
  }

  @Test func equalRecipesGiveEqualMarkets() throws {
    let one = try SyntheticMarket.generate(recipe(days: 3))
    #expect(try SyntheticMarket.generate(recipe(days: 3)) == one)
    // A longer history begins with the shorter one: nothing looks ahead.
    #expect(try SyntheticMarket.generate(recipe(days: 4)).candles.slice(0..<4320) == one.candles)
    var other = recipe(days: 3)
    other.seed = 2
    #expect(try SyntheticMarket.generate(other) != one)
  }

  @Test func candlesAreCoherentAndLieOnTheGrids() throws {
    let data = try SyntheticMarket.generate(recipe(days: 10))
    // The store's rules are those of a strict import.
    _ = try CandleStore.describe(data, provenance: try .synthetic(recipe(days: 10)))
    let candles = data.candles
    #expect(candles.count == 14_400 && candles.gaps().isEmpty)
    for price in candles.open + candles.high + candles.low + candles.close {
      #expect(price == (price * 10).rounded() / 10)
    }
    for volume in candles.volume { #expect(volume > 0 && volume == (volume * 1000).rounded() / 1000) }
    #expect(data.funding?.time.count == 30)
    #expect(data.quotes?.time == (0..<candles.count).map { candles.closeTime($0) })
  }

  /// Correlation of the signal with the log return of the following hour.
  private func correlation(_ values: [Double], _ close: [Double]) -> Double {
    let rows = Array(stride(from: 0, to: close.count - 60, by: 20))
    let x = rows.map { values[$0] }
    let y = rows.map { log(close[$0 + 60] / close[$0]) }
    let (mx, my) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    let xy = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
    let xx = x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
    let yy = y.reduce(0) { $0 + ($1 - my) * ($1 - my) }
    return xy / (xx * yy).squareRoot()
  }

  @Test func strengthPlantsPredictabilityAndZeroPlantsNone() throws {
    for (strength, range) in [(0.0, -0.1...0.1), (1.0, 0.5...0.95)] {
      let (data, oracle) = try SyntheticMarket.generateWithOracle(recipe(strength: strength))
      // 60 days hold about 180 episodes; without an effect the correlation's standard error is about
      // 1 / √(1440 independent hours) = 0.026, so 0.1 is four of them.
      #expect(range.contains(correlation(oracle.signal, data.candles.close)), "strength \(strength)")
      // What is observable leans with the signal at every strength.
      let taker = (0..<data.candles.count).map {
        2 * data.candles.takerBuyVolume[$0] / data.candles.volume[$0] - 1
      }
      let pull = zip(taker, oracle.signal).reduce(0) { $0 + $1.0 * $1.1 }
      let power = oracle.signal.reduce(0) { $0 + $1 * $1 }
      #expect(abs(pull / power - 0.35) < 0.1, "the planted slope of the taker imbalance is 0.35")
    }
  }

  @Test func flowAndBookOfStrengthZeroLookLikeThoseOfStrengthOne() throws {
    let zero = try SyntheticMarket.generateWithOracle(recipe(days: 5, strength: 0)).oracle
    let one = try SyntheticMarket.generateWithOracle(recipe(days: 5)).oracle
    #expect(zero == one)
  }

  @Test func recipesAreCheckedAndUnknownKeysRefused() throws {
    var bad = recipe()
    bad.tickSize = 0.3
    #expect(throws: TernError.self) { try SyntheticMarket.generate(bad) }
    let decoder = JSONDecoder()
    #expect(throws: TernError.self) {
      try decoder.decode(SyntheticMarket.Configuration.self, from: Data(#"{"strenght":1}"#.utf8))
    }
    let decoded = try decoder.decode(SyntheticMarket.Configuration.self, from: JSONEncoder().encode(recipe()))
    #expect(decoded == recipe())
  }

  @Test func theCommittedRecipeIsTheDefault() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../datasets/synthetic.yaml"
    )
    .standardizedFileURL
    var values: [String: Any] = [:]
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    where !line.hasPrefix("#") {
      let sides = line.components(separatedBy: ": ")
      values[sides[0]] = Double(sides[1]) ?? sides[1]
    }
    let data = try JSONSerialization.data(withJSONObject: values)
    #expect(try JSONDecoder().decode(SyntheticMarket.Configuration.self, from: data) == .init())
    #expect(values.count == SyntheticMarket.Configuration.CodingKeys.allCases.count)
  }
}
