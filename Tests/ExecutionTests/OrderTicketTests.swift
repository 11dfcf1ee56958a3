import Diagnostics
import Market
import Orders
import Testing

@testable import Execution
@testable import Risk

@Suite struct OrderTicketTests {
  private let id = OrderIdentifier(1)

  /// Every state against every event: what changes it, what is known, what is an error.
  @Test func transitions() throws {
    let events: [(String, VenueEvent)] = [
      ("accepted", .accepted(id, time: 3)), ("rejected", .rejected(id, time: 3, .invalidPrice)),
      ("unknown", .rejected(id, time: 3, .unknownOrder)), ("part", filled(1, 2, left: 4, time: 3)),
      ("rest", filled(1, 6, left: 0, time: 3)), ("cancelled", .cancelled(id, time: 3, .requested)),
      ("expired", .cancelled(id, time: 3, .expired)),
    ]
    // Ways into the state; then the event's effect: a new state, `=` for known, `!` for an error.
    let table: [(path: [VenueEvent], effects: [String])] = [
      ([], ["ACCEPTED", "REJECTED", "REJECTED", "!", "!", "!", "!"]),
      ([.accepted(id, time: 2)], ["=", "!", "!", "!", "!", "CANCELLED", "EXPIRED"]),
      (
        [.accepted(id, time: 2), filled(1, 4, left: 6)],
        ["=", "!", "!", "PARTIALLY_FILLED", "FILLED", "CANCELLED", "EXPIRED"]
      ),
      ([.accepted(id, time: 2), filled(1, 10, left: 0)], ["=", "!", "=", "=", "=", "!", "!"]),
      (
        [.accepted(id, time: 2), filled(1, 4, left: 6), .cancelled(id, time: 2, .requested)],
        ["=", "!", "=", "!", "!", "=", "!"]
      ),
      ([.rejected(id, time: 2, .invalidPrice)], ["!", "=", "=", "!", "!", "!", "!"]),
      (
        [.accepted(id, time: 2), filled(1, 4, left: 6), .cancelled(id, time: 2, .expired)],
        ["=", "!", "=", "!", "!", "!", "="]
      ),
    ]
    for (path, effects) in table {
      var start = OrderTicket(order(1))
      for event in path { #expect(try start.apply(event) == .changed) }
      for ((name, event), effect) in zip(events, effects) {
        var ticket = start
        var found = "!"
        if let result = try? ticket.apply(event) {
          found = result == .duplicate ? "=" : ticket.state.name
        }
        #expect(found == effect, "\(start.state.name) and \(name)")
        if found == "!" || found == "=" { #expect(ticket == start) }
      }
    }
  }

  @Test func executionsMustFollowOnEachOther() throws {
    var ticket = OrderTicket(order(1))
    _ = try ticket.apply(.accepted(id, time: 2))
    #expect(try ticket.apply(filled(1, 4, left: 6)) == .changed)
    #expect(try ticket.apply(filled(1, 4, left: 6)) == .duplicate)
    let before = ticket
    for wrong in [
      filled(1, 7, left: 0), filled(1, 2, left: 3), filled(1, 11, left: -5), filled(1, 0, left: 5),
      filled(1, 6, left: 0, side: .sell), filled(1, 6, left: 0, market: 1), filled(2, 6, left: 0),
    ] {
      #expect(throws: TernError.self) { try ticket.apply(wrong) }
      #expect(ticket == before)
    }
    #expect(try ticket.apply(filled(1, 6, left: 0)) == .changed)
    #expect(ticket.filled == Quantity(units: 10) && ticket.state == .filled)
  }

  @Test func anOrderThatClosesThePositionHasNoQuantityOfItsOwn() throws {
    var ticket = OrderTicket(order(1, .protectiveStop, .sell, closes: true))
    _ = try ticket.apply(.accepted(id, time: 2))
    #expect(try ticket.apply(filled(1, 4, left: 6, time: 2, side: .sell)) == .changed)
    #expect(try ticket.apply(filled(1, 4, left: 6, time: 2, side: .sell)) == .duplicate)
    // The position was enlarged in between: more is left than before.
    #expect(try ticket.apply(filled(1, 3, left: 9, time: 3, side: .sell)) == .changed)
    #expect(try ticket.apply(filled(1, 4, left: 6, time: 2, side: .sell)) == .duplicate)
    #expect(try ticket.apply(filled(1, 9, left: 0, time: 4, side: .sell)) == .changed)
    #expect(ticket.filled == Quantity(units: 16) && ticket.state == .filled)
  }
}
