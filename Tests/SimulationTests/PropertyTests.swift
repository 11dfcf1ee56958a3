import Accounts
import Compute
import Diagnostics
import Execution
import Market
import Orders
import Testing

@testable import Risk
@testable import Simulation

/// Random orders against random candles: what must hold whatever happens.
@Suite struct PropertyTests {
  @Test func theVenueKeepsItsPromises() throws {
    var census: [String: Int] = [:]
    for seed in 0..<50_000 {
      var player = try Player(seed: UInt64(seed))
      do { try player.play() } catch {
        Issue.record("sequence \(seed): \(error)")
        return
      }
      census.merge(player.census, uniquingKeysWith: +)
    }
    // So that the promises are put to the test: everything that can happen did, hundreds of times.
    for name in [
      "entry", "add", "stop", "limit", "market exit", "partial", "liquidation", "funding", "REQUESTED",
      "EXPIRED",
      "NOTHING_TO_CLOSE", "OPPOSITE_POSITION", "LIQUIDATION",
    ] {
      #expect(census[name, default: 0] > 200, "\(name): \(census)")
    }
  }

  /// The same sequence gives the same events.
  @Test func theVenueIsDeterministic() throws {
    for seed in 0..<200 {
      var (one, two) = (try Player(seed: UInt64(seed)), try Player(seed: UInt64(seed)))
      try one.play()
      try two.play()
      #expect(one.log == two.log && one.log.isEmpty == false)
    }
  }

  /// An execution too large for money to hold is an error, not a trap, and leaves the position alone.
  @Test func anOverflowIsAnError() throws {
    var venue = try SimulatedVenue([MarketTerms(symbol: "TEST", rules: .finest)])
    let intent = OrderIntent(
      market: 0, purpose: .entry, side: .buy, kind: .market, quantity: Quantity(units: .max / 2))
    venue.submit(ApprovedOrder(identifier: OrderIdentifier(1), intent: intent, time: 0))
    _ = try venue.nextEvent()
    try venue.begin(
      Candle(openTime: 0, open: 1e6, high: 1e6, low: 1e6, close: 1e6, volume: .nan), market: 0)
    #expect(throws: TernError.self) { try venue.nextEvent() }
    #expect(venue.position(market: 0).isFlat)
  }

  @Test func whatIsNoCandleIsRefused() throws {
    var venue = try SimulatedVenue([MarketTerms(symbol: "TEST")])
    func candle(_ time: Int64, _ open: Double, _ high: Double, _ low: Double, _ volume: Double = 1) -> Candle
    {
      Candle(openTime: time, open: open, high: high, low: low, close: open, volume: volume)
    }
    try venue.begin(candle(60_000, 2, 3, 1), market: 0)
    #expect(throws: TernError.self) { try venue.begin(candle(120_000, 2, 3, 1), market: 0) }
    #expect(try venue.nextEvent() == nil)
    let before = venue
    for bad in [
      candle(119_999, 2, 3, 1), candle(.max, 2, 3, 1), candle(.min, 2, 3, 1), candle(120_000, 4, 3, 1),
      candle(120_000, .nan, 3, 1), candle(120_000, 2, .infinity, 1), candle(120_000, 0, 3, 0),
      candle(120_000, 2, 3, 1, -1),
    ] {
      #expect(throws: TernError.self) { try venue.begin(bad, market: 0) }
    }
    #expect(throws: TernError.self) { try venue.begin(candle(120_000, 2, 3, 1), market: 1) }
    for time in [60_500, .min, .max] as [Int64] {
      #expect(throws: TernError.self) { try venue.observe(funding: .one, at: time, market: 0) }
    }
    #expect(throws: TernError.self) {
      try SimulatedVenue([MarketTerms(symbol: "TEST", interval: Interval(milliseconds: .max))])
    }
    #expect(venue == before)
  }
}
