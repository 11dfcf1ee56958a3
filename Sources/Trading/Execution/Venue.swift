import Diagnostics
import Orders
import Risk

/// Where orders are executed: an exchange, or a simulation of one.
///
/// The core is synchronous. A caller sends orders and then takes events, one at a time and in the order in which they
/// happened, until there are none; between two events it may send or cancel more. Nothing but an `ApprovedOrder`
/// can be sent, so no order passes by risk.
public protocol Venue {
  /// Sends an order. The answer, `accepted` or `rejected`, comes as an event.
  mutating func submit(_ order: ApprovedOrder)

  /// Asks for an order to be withdrawn. The answer comes as an event: `cancelled`, or, for an order that the venue
  /// does not hold (any more), `rejected` with the code `unknownOrder`.
  mutating func cancel(_ order: OrderIdentifier, at time: Int64)

  /// The next thing that happened; nil when there is nothing (yet).
  /// - Throws: `TernError` when the venue cannot go on: arithmetic that overflows, a broken connection.
  mutating func nextEvent() throws(TernError) -> VenueEvent?
}
