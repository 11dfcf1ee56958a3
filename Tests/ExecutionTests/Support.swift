import Execution
import Market
import Orders

@testable import Risk

func order(
  _ number: UInt64, _ purpose: OrderPurpose = .entry, _ side: Side = .buy, quantity: Int64 = 10,
  market: Int = 0,
  closes: Bool = false
) -> ApprovedOrder {
  ApprovedOrder(
    identifier: OrderIdentifier(number),
    intent: OrderIntent(
      market: market, purpose: purpose, side: side, kind: .market,
      quantity: closes ? .zero : Quantity(units: quantity), closesPosition: closes), time: 1)
}

func filled(
  _ number: UInt64, _ quantity: Int64, left: Int64, time: Int64 = 2, side: Side = .buy, market: Int = 0
) -> VenueEvent {
  .filled(
    Fill(
      order: OrderIdentifier(number), market: market, time: time, side: side, price: Price(units: 100),
      quantity: Quantity(units: quantity), fee: .zero, liquidity: .taker), remaining: Quantity(units: left))
}
