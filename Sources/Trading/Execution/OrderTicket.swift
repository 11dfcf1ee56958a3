import Diagnostics
import Market
import Orders
import Risk

/// An order from the moment it is sent to its end.
public struct OrderTicket: Equatable, Sendable {
  /// The order as risk approved it.
  public let order: ApprovedOrder
  /// Where it is in its life.
  public private(set) var state = OrderState.pendingNew
  /// Executed so far.
  public private(set) var filled = Quantity.zero
  /// Left to execute; for an order that closes the position what was left of the position at its last execution.
  public private(set) var remaining: Quantity
  /// Time of the last event, milliseconds; the time of sending before the first.
  public private(set) var time: Int64
  /// Whether its withdrawal has been asked for.
  public internal(set) var isCancelling = false
  /// The last execution, by which a repeated one is recognised.
  private var lastFill: Fill?

  /// What an event did to the order.
  public enum Effect: Equatable, Sendable {
    /// The event was news.
    case changed
    /// The event was known already; nothing changed.
    case duplicate
  }

  /// A ticket for an order about to be sent.
  public init(_ order: ApprovedOrder) {
    self.order = order
    remaining = order.intent.quantity
    time = order.time
  }

  /// What is wanted.
  public var intent: OrderIntent { order.intent }

  /// Takes in an event of this order.
  ///
  /// Repetitions are recognised: of an order with a quantity by what remains, which every execution lowers; of one that
  /// closes the position by the execution itself. An `unknownOrder` that answers a late cancel is a repetition too.
  /// - Throws: `TernError` of kind `data` for an event that cannot follow on what is known: a transition that does not
  ///   exist, more executed than ordered, an execution missing in between. The ticket is unchanged then.
  public mutating func apply(_ event: VenueEvent) throws(TernError) -> Effect {
    guard event.order == order.identifier else {
      throw refusal("is of another order", event.order.map { "order \($0)" } ?? "no order")
    }
    switch event {
    case .accepted(_, let time):
      if state != .pendingNew, state != .rejected { return .duplicate }
      try move(to: .accepted, time)
    case .rejected(_, let time, let code):
      if state == .rejected || (code == .unknownOrder && state.isFinal) { return .duplicate }
      try move(to: .rejected, time)
    case .cancelled(_, let time, let code):
      let next = code == .expired ? OrderState.expired : .cancelled
      if state == next { return .duplicate }
      try move(to: next, time)
    case .filled(let fill, let left):
      if isKnown(fill, left) { return .duplicate }
      let total = try checked(fill, left)
      try move(to: left == .zero ? .filled : .partiallyFilled, fill.time)
      (filled, remaining, lastFill) = (total, left, fill)
    case .funding, .liquidated:
      return .duplicate
    }
    return .changed
  }

  private func isKnown(_ fill: Fill, _ left: Quantity) -> Bool {
    guard let lastFill else { return false }
    if intent.closesPosition { return fill.time < lastFill.time || (fill == lastFill && left == remaining) }
    return left >= remaining
  }

  private func checked(_ fill: Fill, _ left: Quantity) throws(TernError) -> Quantity {
    guard fill.market == intent.market, fill.side == intent.side, fill.quantity > .zero, left >= .zero else {
      throw refusal("is not an execution of it", "\(fill.side.name) \(fill.quantity) in \(fill.market)")
    }
    let total = try filled + fill.quantity
    if !intent.closesPosition, try total + left != intent.quantity {
      throw refusal(
        total > intent.quantity ? "executes more than was ordered" : "does not follow on what was executed",
        "\(fill.quantity) with \(left) left after \(filled)")
    }
    return total
  }

  private mutating func move(to next: OrderState, _ time: Int64) throws(TernError) {
    guard state.canBecome(next) else { throw refusal("is illegal", "\(state.name) to \(next.name)") }
    (state, self.time) = (next, time)
  }

  private func refusal(_ what: String, _ found: String) -> TernError {
    TernError(
      .data, "an event of an order \(what)", key: "order \(order.identifier)", found: found,
      expected: "what can follow \(state.name) of \(intent.side.name) \(intent.quantity)")
  }
}
