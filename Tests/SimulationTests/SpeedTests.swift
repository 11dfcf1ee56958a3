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

  /// A position opened, protected and closed in every four candles.
  @Test func tradingCostsLittle() throws {
    var venue = try SimulatedVenue([MarketTerms(symbol: "TEST")])
    var number: UInt64 = 0
    func send(_ purpose: OrderPurpose, _ kind: OrderKind, _ price: Int64, at time: Int64) {
      number += 1
      let opens = purpose.opens
      venue.submit(
        ApprovedOrder(
          identifier: OrderIdentifier(number),
          intent: OrderIntent(
            market: 0, purpose: purpose, side: opens ? .buy : .sell, kind: kind,
            quantity: opens ? Quantity(units: 100_000_000) : .zero, price: Price(units: price * Price.scale),
            closesPosition: !opens), time: time))
    }
    var best = Double.infinity
    var time: Int64 = 0
    var fills = 0
    for _ in 0..<10 {
      let start = clock()
      for index in 0..<10_000 {
        if index % 4 == 0 { send(.entry, .market, 0, at: time) }
        if index % 4 == 3 { send(.timeExit, .market, 0, at: time) }
        try venue.begin(
          Candle(openTime: time, open: 50_000, high: 50_020, low: 49_980, close: 50_000, volume: 1000),
          market: 0)
        while let event = try venue.nextEvent() {
          guard case .filled(let fill, _) = event else { continue }
          fills += 1
          if fill.side == .buy {
            send(.protectiveStop, .stopMarket, 49_000, at: time)
            send(.takeProfit, .limit, 51_000, at: time)
          } else {
            venue.cancel(OrderIdentifier(number - 2), at: time)
            venue.cancel(OrderIdentifier(number - 1), at: time)
          }
        }
        time += 60_000
      }
      best = min(best, Double(clock() - start) / Double(CLOCKS_PER_SEC) / 10_000 * 1e9)
    }
    print("simulated venue: \(Int(best)) ns of processor time per candle with a trade in every four candles")
    #expect(fills == 50_000 && venue.position(market: 0).isFlat && venue.openOrders(market: 0) == 0)
    // As above.
    #expect(best < 20_000)
  }
}
