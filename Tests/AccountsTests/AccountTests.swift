import Compute
import Diagnostics
import Market
import Orders
import Testing

@testable import Accounts

private func fill(
  _ side: Side, _ price: String, _ quantity: String, fee: String = "0", time: Int64 = 1, market: Int = 0
) throws -> Fill {
  Fill(
    order: OrderIdentifier(1), market: market, time: time, side: side, price: try Price(price),
    quantity: try Quantity(quantity), fee: try Money(fee), liquidity: .taker)
}

@Suite struct AccountTests {
  @Test func aLongInPartsByHand() throws {
    var account = Account(cash: try Money("10000"), markets: 1)
    #expect(try account.apply(fill(.buy, "100", "3", fee: "0.15", time: 10)) == .enlarged)
    #expect(try account.apply(fill(.buy, "110", "1", fee: "0.055")) == .enlarged)
    // Cost 410 for 4: average 102.5.
    #expect(account.positions[0].entryPrice == (try Price("102.5")))
    // One of four sold at 120 takes a cost of 102.5 and earns 17.5.
    #expect(try account.apply(fill(.sell, "120", "1", fee: "0.06")) == .reduced)
    #expect(account.cash == (try Money("10017.235")))
    #expect(account.equity == (try Money("10069.735")))  // + 3 × 120 − 307.5
    #expect(try account.charge(market: 0, rate: Rate("0.0001"), price: Price("120")) == Money("0.036"))
    guard case .closed(let trade) = try account.apply(fill(.sell, "90", "3", fee: "0.135", time: 99)) else {
      Issue.record("the position did not close")
      return
    }
    #expect(trade.grossProfit == (try Money("-20")))  // 17.5 + 270 − 307.5
    #expect(trade.fees == (try Money("0.4")))
    #expect(trade.profit == (try Money("-20.436")))
    #expect(trade.entryTime == 10 && trade.exitTime == 99 && trade.openings == 2)
    #expect(trade.quantity == (try Quantity("4")))
    #expect(account.cash == (try Money("9979.564")))
    #expect(account.equity == account.cash)
  }

  @Test func aShortByHand() throws {
    var account = Account(cash: try Money("1000"), markets: 2)
    _ = try account.apply(fill(.sell, "50", "2", fee: "0.05", market: 1))
    try account.mark(market: 1, price: Price("48"))
    #expect(account.equity == (try Money("1003.95")))
    // A positive rate is received by a short.
    #expect(try account.charge(market: 1, rate: Rate("0.001"), price: Price("48")) == Money("-0.096"))
    guard case .closed(let trade) = try account.apply(fill(.buy, "47", "2", fee: "0.047", market: 1)) else {
      Issue.record("the position did not close")
      return
    }
    #expect(trade.direction == .short)
    #expect(trade.profit == (try Money("5.999")))
    #expect(account.cash == (try Money("1005.999")))
  }

  @Test func liquidationPricesByHand() throws {
    var account = Account(cash: try Money("1000"), markets: 1)
    _ = try account.apply(fill(.buy, "100", "1"))
    // (100 − 20) / (1 − 0.004) = 80.32128514…, rounded up.
    #expect(
      try account.positions[0].liquidationPrice(leverage: Rate("5"), maintenanceMargin: Rate("0.004"))
        == Price("80.32128515"))
    _ = try account.apply(fill(.sell, "100", "1"))
    _ = try account.apply(fill(.sell, "100", "1"))
    // (100 + 20) / (1 + 0.004) = 119.52191235…, rounded down.
    #expect(
      try account.positions[0].liquidationPrice(leverage: Rate("5"), maintenanceMargin: Rate("0.004"))
        == Price("119.52191235"))
  }

  @Test func turningOverInOneStepIsRefusedAndChangesNothing() throws {
    var account = Account(cash: try Money("1000"), markets: 1)
    _ = try account.apply(fill(.buy, "100", "1"))
    let before = account
    #expect(throws: TernError.self) { try account.apply(fill(.sell, "100", "1.00000001")) }
    #expect(account == before)
  }

  /// Equity equals cash plus marked positions, and what trades earned equals what cash changed by, to the last unit,
  /// whatever happens in whatever order.
  @Test func moneyIsConserved() throws {
    var random = Philox(seed: 5, stream: 0)
    for _ in 0..<2_000 {
      let initial = Money(units: 1_000_000_000_000)
      var account = Account(cash: initial, markets: 3)
      var earned = Money.zero
      for step in 0..<40 {
        let market = random.integer(below: 3)
        let price = Price(units: Int64(1 + random.integer(below: 9_000_000)) * 1_237)
        let position = account.positions[market]
        switch random.integer(below: 4) {
        case 0:
          try account.mark(market: market, price: price)
        case 1:
          _ = try account.charge(
            market: market, rate: Rate(units: Int64(random.integer(below: 200_000)) - 100_000), price: price)
        default:
          var side: Side = random.integer(below: 2) == 0 ? .buy : .sell
          var quantity = Quantity(units: Int64(1 + random.integer(below: 700_000_000)))
          if let closing = position.closingSide, random.integer(below: 3) > 0 {
            side = closing
            quantity = random.integer(below: 2) == 0 ? position.size : min(quantity, position.size)
          } else if let closing = position.closingSide {
            side = closing.opposite
          }
          let fee = Money(units: Int64(random.integer(below: 1_000_000)) - 1_000)
          let change = try account.apply(
            Fill(
              order: OrderIdentifier(UInt64(step)), market: market, time: Int64(step), side: side,
              price: price,
              quantity: quantity, fee: fee, liquidity: .taker))
          if case .closed(let trade) = change { earned = try earned + trade.profit }
        }
        var marked = Int128(account.cash.units)
        for position in account.positions {
          // Each position's value is rounded once, as an exchange shows it.
          marked += Int128(try position.unrealised(at: position.mark).units)
        }
        #expect(Int128(account.equity.units) == marked)
      }
      var open = Money.zero
      for position in account.positions {
        open = try open + (position.grossProfit - position.fees - position.funding)
      }
      #expect(try account.cash == initial + earned + open)
      #expect(
        try account.cash == initial + account.grossProfit - account.fees - account.funding)
    }
  }
}
