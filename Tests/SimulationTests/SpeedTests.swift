import Foundation
import Market
import Orders
import Testing

@testable import Risk
@testable import Simulation

@Suite struct SpeedTests {
  /// A held position with its stop and take profit, candles that reach neither.
  @Test func aCandleCostsLittle() throws {
    var venue = try SimulatedVenue([MarketTerms(symbol: "TEST")])
    let held = Quantity(units: 100_000_000)
    func send(_ number: UInt64, _ purpose: OrderPurpose, _ kind: OrderKind, _ price: Int64) {
      venue.submit(
        ApprovedOrder(
          identifier: OrderIdentifier(number),
          intent: OrderIntent(
            market: 0, purpose: purpose, side: purpose.opens ? .buy : .sell, kind: kind,
            quantity: purpose.opens ? held : .zero, price: Price(units: price * Price.scale),
            closesPosition: !purpose.opens), time: 0))
    }
    send(1, .entry, .market, 0)
    send(2, .protectiveStop, .stopMarket, 49_000)
    send(3, .takeProfit, .limit, 51_000)
    var time: Int64 = 0
    var events = 0
    var best = Double.infinity
    for _ in 0..<20 {
      let start = clock()
      for index in 0..<10_000 {
        let open = 50_000 + Double(index % 7) * 0.1
        try venue.begin(
          Candle(
            openTime: time, open: open, high: open + 20.5, low: open - 20.3, close: open + 0.1, volume: 1000),
          market: 0)
        while try venue.nextEvent() != nil { events += 1 }
        time += 60_000
      }
      best = min(best, Double(clock() - start) / Double(CLOCKS_PER_SEC) / 10_000 * 1e9)
    }
    print("simulated venue: \(Int(best)) ns of processor time per candle with one position and two orders")
    #expect(events == 4 && venue.position(market: 0).quantity == held && venue.openOrders(market: 0) == 2)
    // Two orders of magnitude above what it takes: an accidental copy of the books per candle would exceed it.
    #expect(best < 20_000)
  }
}
