import Diagnostics
import Market
import Orders
import Risk

/// The orders that are at the venue or on their way, in order of their numbers: a table of fixed capacity that does
/// not allocate after it is made.
///
/// Finished orders leave the table; the last of them are remembered, as many as the table holds, so that an event that
/// comes twice is recognised.
public struct OpenOrders: Equatable, Sendable {
  /// Most orders that may be open at a time.
  public let capacity: Int
  private var tickets: [OrderTicket] = []
  /// A ring of finished orders.
  private var finished: [OrderTicket] = []
  private var oldest = 0
  private var lastNumber: UInt64 = 0

  /// What an event did.
  public enum Outcome: Equatable, Sendable {
    /// An order changed; this is it now. When its state is final it has left the table.
    case changed(OrderTicket)
    /// The event was known already.
    case duplicate
    /// The event is of no order: funding or a liquidation.
    case notOrdered
  }

  /// An empty table.
  public init(capacity: Int = 256) {
    precondition(capacity > 0, "a table of orders needs room")
    self.capacity = capacity
    tickets.reserveCapacity(capacity)
    finished.reserveCapacity(capacity)
  }

  /// Number of open orders.
  public var count: Int { tickets.count }

  /// Whether no further order can be taken in.
  public var isFull: Bool { tickets.count == capacity }

  /// The open order at a place, 0 ..< `count`, in order of their numbers.
  public subscript(place: Int) -> OrderTicket { tickets[place] }

  /// An open order; nil when it is not open.
  public subscript(order: OrderIdentifier) -> OrderTicket? { place(of: order).map { tickets[$0] } }

  /// The place of the first open order of a market with a purpose, at or after a place; nil when there is none.
  public func place(market: Int, purpose: OrderPurpose, from start: Int = 0) -> Int? {
    var place = start
    while place < tickets.count {
      if tickets[place].intent.market == market, tickets[place].intent.purpose == purpose { return place }
      place += 1
    }
    return nil
  }

  /// Number of open orders of a market.
  public func count(market: Int) -> Int {
    var count = 0
    for ticket in tickets where ticket.intent.market == market { count += 1 }
    return count
  }

  /// Takes in an order that is about to be sent.
  /// - Throws: `TernError` of kind `temporary` when the table is full, `internalFailure` for a number that is not above
  ///   all before.
  public mutating func insert(_ order: ApprovedOrder) throws(TernError) {
    guard order.identifier.number > lastNumber else {
      throw TernError(
        .internalFailure, "an order's number is not new", key: "order \(order.identifier)",
        expected: "above \(lastNumber)")
    }
    guard !isFull else {
      throw TernError(
        .temporary, "too many orders are open", key: "order \(order.identifier)", found: "\(count)",
        expected: "fewer than \(capacity)")
    }
    tickets.append(OrderTicket(order))
    lastNumber = order.identifier.number
  }

  /// Notes that an order's withdrawal was asked for.
  /// - Returns: Whether the order is open and was not being cancelled already.
  public mutating func markCancelling(_ order: OrderIdentifier) -> Bool {
    guard let place = place(of: order), !tickets[place].isCancelling else { return false }
    tickets[place].isCancelling = true
    return true
  }

  /// Takes in what happened at the venue.
  /// - Throws: `TernError` of kind `data` for an event that cannot follow on what is known, or of an order that was
  ///   never sent or ended so long ago that it is forgotten. The table is unchanged then.
  public mutating func apply(_ event: VenueEvent) throws(TernError) -> Outcome {
    guard let order = event.order else { return .notOrdered }
    guard let place = place(of: order) else { return try applyLate(event, order) }
    guard try tickets[place].apply(event) == .changed else { return .duplicate }
    let ticket = tickets[place]
    if ticket.state.isFinal {
      tickets.remove(at: place)
      remember(ticket)
    }
    return .changed(ticket)
  }

  private func applyLate(_ event: VenueEvent, _ order: OrderIdentifier) throws(TernError) -> Outcome {
    for ticket in finished where ticket.order.identifier == order {
      var copy = ticket
      _ = try copy.apply(event)
      return .duplicate
    }
    throw TernError(
      .data, "an event is of an order that is not open", key: "order \(order)",
      expected: "an order among the open or the last \(capacity) finished ones")
  }

  private mutating func remember(_ ticket: OrderTicket) {
    guard finished.count == capacity else { return finished.append(ticket) }
    finished[oldest] = ticket
    oldest = (oldest + 1) % capacity
  }

  private func place(of order: OrderIdentifier) -> Int? {
    var low = 0
    var high = tickets.count
    while low < high {
      let middle = (low + high) / 2
      if tickets[middle].order.identifier < order { low = middle + 1 } else { high = middle }
    }
    return low < tickets.count && tickets[low].order.identifier == order ? low : nil
  }
}
