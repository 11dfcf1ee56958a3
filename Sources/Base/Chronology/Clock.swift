#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where the time comes from. Everything that needs "now" receives a clock instead of asking the system.
public protocol Clock: Sendable {
  /// Milliseconds since the Unix epoch, UTC.
  var now: Int64 { get }
  /// Nanoseconds since some instant of the past; never runs backward, for durations.
  var monotonic: Int64 { get }
}

/// The operating system's real-time clock.
public struct SystemClock: Clock {
  /// Creates the system clock.
  public init() {}
  /// Milliseconds since the Unix epoch, UTC.
  public var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
  /// Nanoseconds since the machine was started.
  public var monotonic: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// A clock that stands still, for tests and reproducible runs.
public struct FixedClock: Clock {
  /// Milliseconds since the Unix epoch, UTC.
  public let now: Int64
  /// Always zero.
  public var monotonic: Int64 { 0 }
  /// Creates a clock that always shows `now`.
  public init(_ now: Int64) { self.now = now }
}
