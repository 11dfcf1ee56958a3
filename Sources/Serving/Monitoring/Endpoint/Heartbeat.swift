import Glibc
import Synchronization

/// The sign of life of a loop: the loop beats, the endpoint measures how long ago. Neither ever waits.
public final class Heartbeat: Sendable {
  private let last: Atomic<Int64>
  private let limit: Int64

  /// Creates a heartbeat that has just beaten.
  /// - Parameter limit: Seconds without a beat after which the loop counts as stuck.
  public init(limit: Double) {
    precondition(limit > 0 && limit < 1e9, "a heartbeat's limit is a positive number of seconds")
    self.limit = Int64(limit * 1e9)
    last = Atomic(Heartbeat.monotonicNanoseconds())
  }

  /// Says that the loop turns. Costs one clock reading.
  public func beat() { last.store(Heartbeat.monotonicNanoseconds(), ordering: .relaxed) }

  /// Seconds since the last beat.
  public var age: Double { Double(Heartbeat.monotonicNanoseconds() - last.load(ordering: .relaxed)) / 1e9 }

  /// Healthy while the last beat is younger than the limit.
  public func health() -> Health {
    let age = Heartbeat.monotonicNanoseconds() - last.load(ordering: .relaxed)
    return age < limit
      ? .healthy : .unhealthy("the loop has not turned for \(age / 1_000_000_000) s")
  }

  private static func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
