/// A change of risk's state; with `from == to` an event that changes none, such as a review being raised.
public struct RiskTransition: Equatable, Sendable {
  /// When, milliseconds since the epoch, UTC.
  public let time: Int64
  /// The state before.
  public let from: RiskState
  /// The state after.
  public let to: RiskState
  /// Why.
  public let reason: RiskReason
}

/// Transitions not yet taken by the loop: a ring of fixed size, so that the decision path never allocates.
///
/// The loop takes them after every event, of which each makes at most a few; were it to take none, the oldest would go.
struct TransitionRing: Equatable, Sendable {
  private static let capacity = 64
  private var slots: [RiskTransition]
  private var head = 0
  private var count = 0

  init() {
    slots = Array(
      repeating: RiskTransition(time: 0, from: .active, to: .active, reason: .rearmed), count: Self.capacity)
  }

  mutating func append(_ transition: RiskTransition) {
    slots[(head + count) % Self.capacity] = transition
    if count < Self.capacity { count += 1 } else { head = (head + 1) % Self.capacity }
  }

  mutating func next() -> RiskTransition? {
    guard count > 0 else { return nil }
    let transition = slots[head]
    head = (head + 1) % Self.capacity
    count -= 1
    return transition
  }

  /// Equality of what waits, wherever in the ring it lies.
  static func == (a: TransitionRing, b: TransitionRing) -> Bool {
    guard a.count == b.count else { return false }
    for index in 0..<a.count
    where a.slots[(a.head + index) % capacity] != b.slots[(b.head + index) % capacity] {
      return false
    }
    return true
  }
}
