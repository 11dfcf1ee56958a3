import Diagnostics
import Stacks
import Synchronization

/// A stack that was loaded, or could not be.
struct Arrival: Sendable {
  var lane: Int
  var market: Int
  var outcome: Result<LoadedStack, TernError>
}

/// Loaded stacks on their way to the deciding thread.
final class Arrivals: Sendable {
  private let waiting = Mutex<[Arrival]>([])
  private let isEmpty = Atomic<Bool>(true)

  func add(_ arrival: Arrival) {
    waiting.withLock { $0.append(arrival) }
    isEmpty.store(false, ordering: .releasing)
  }

  /// Everything that waits; nil, at the price of one load, when nothing does.
  func take() -> [Arrival]? {
    if isEmpty.load(ordering: .acquiring) { return nil }
    return waiting.withLock { waiting in
      isEmpty.store(true, ordering: .relaxed)
      let taken = waiting
      waiting = []
      return taken
    }
  }
}
