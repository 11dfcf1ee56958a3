import Compute
import Diagnostics
import Market
import Orders
import Testing

@testable import Execution
@testable import Risk

@Suite struct OpenOrdersTests {
  @Test func aFullTableAndOldNumbersAreRefused() throws {
    var orders = OpenOrders(capacity: 2)
    try orders.insert(order(5))
    #expect(throws: TernError.self) { try orders.insert(order(5)) }
    #expect(throws: TernError.self) { try orders.insert(order(4)) }
    try orders.insert(order(6))
    #expect(orders.isFull)
    #expect(throws: TernError.self) { try orders.insert(order(7)) }
    _ = try orders.apply(.rejected(OrderIdentifier(5), time: 2, .invalidPrice))
    try orders.insert(order(7))
    #expect(orders.count == 2 && orders[0].order.identifier.number == 6)
    #expect(throws: TernError.self) { try orders.apply(.accepted(OrderIdentifier(9), time: 2)) }
  }

  @Test func eventsOfNoOrderPassBy() throws {
    var orders = OpenOrders(capacity: 2)
    #expect(try orders.apply(.funding(market: 0, time: 1, rate: .one, price: .zero)) == .notOrdered)
  }

  /// Against a plain dictionary, with every event sent twice and some late ones again.
  @Test func theTableAgreesWithANaiveOne() throws {
    var random = Philox(seed: 3, stream: 0)
    for _ in 0..<500 {
      var orders = OpenOrders(capacity: 8)
      var naive: [UInt64: Int64] = [:]
      var intents: [UInt64: OrderIntent] = [:]
      var cancelling: Set<UInt64> = []
      var number: UInt64 = 0
      var past: [VenueEvent] = []
      for time in 1..<60 {
        let open = naive.keys.sorted()
        var event: VenueEvent?
        if open.isEmpty || (open.count < 8 && random.integer(below: 3) == 0) {
          number += UInt64(1 + random.integer(below: 3))
          let new = order(
            number, [.entry, .partialTakeProfit][random.integer(below: 2)],
            quantity: Int64(1 + random.integer(below: 9)), market: random.integer(below: 2))
          try orders.insert(new)
          (naive[number], intents[number]) = (new.intent.quantity.units, new.intent)
          event = .accepted(new.identifier, time: Int64(time))
        } else {
          let chosen = open[random.integer(below: open.count)]
          let (left, market) = (naive[chosen] ?? 0, intents[chosen]?.market ?? 0)
          switch random.integer(below: 4) {
          case 0:
            event = .cancelled(OrderIdentifier(chosen), time: Int64(time), .requested)
            naive[chosen] = nil
          case 1:
            #expect(orders.markCancelling(OrderIdentifier(chosen)) == cancelling.insert(chosen).inserted)
          default:
            let part = Int64(1 + random.integer(below: Int(left)))
            event = filled(chosen, part, left: left - part, time: Int64(time), market: market)
            naive[chosen] = part == left ? nil : left - part
          }
        }
        if let event {
          guard case .changed = try orders.apply(event) else { throw TernError(.internalFailure, "not news") }
          #expect(try orders.apply(event) == .duplicate)
          past.append(event)
          // Late repetitions of what is still remembered, at most eight finished orders back.
          if random.integer(below: 4) == 0 {
            #expect(try orders.apply(past[max(0, past.count - 3)]) == .duplicate)
          }
        }
        try check(orders, naive, intents, cancelling)
      }
    }
  }

  private func check(
    _ orders: OpenOrders, _ naive: [UInt64: Int64], _ intents: [UInt64: OrderIntent],
    _ cancelling: Set<UInt64>
  ) throws {
    let numbers = naive.keys.sorted()
    #expect(orders.count == numbers.count && orders.count <= orders.capacity)
    for (place, number) in numbers.enumerated() {
      let ticket = orders[place]
      #expect(ticket.order.identifier.number == number && orders[OrderIdentifier(number)] == ticket)
      #expect(ticket.remaining.units == naive[number] && ticket.intent == intents[number])
      #expect(ticket.isCancelling == cancelling.contains(number))
      #expect(ticket.filled.units + ticket.remaining.units == ticket.intent.quantity.units)
    }
    for market in 0..<2 {
      let expected = numbers.indices.filter {
        intents[numbers[$0]]?.market == market && intents[numbers[$0]]?.purpose == .entry
      }
      var found: [Int] = []
      var start = 0
      while let place = orders.place(market: market, purpose: .entry, from: start) {
        found.append(place)
        start = place + 1
      }
      #expect(found == expected)
      #expect(orders.count(market: market) == numbers.filter { intents[$0]?.market == market }.count)
    }
  }
}
