import Chronology
import Diagnostics
import Glibc

/// Holds market time back to a multiple of real time.
struct Pacer {
  private let speed: Double
  private var origin: (market: Int64, real: Int64)?

  init(speed: Double) { self.speed = speed }

  /// Waits until it is time; calls `meanwhile` at least five times a second.
  mutating func wait(
    until time: Int64, meanwhile: () throws(TernError) -> Void
  ) throws(TernError) {
    guard speed > 0 else { return }
    let clock = SystemClock()
    guard let origin else {
      origin = (time, clock.monotonic)
      return
    }
    let due = origin.real + Int64(Double(time - origin.market) / speed * 1e6)
    while !StopSignal.isRaised {
      let left = due - clock.monotonic
      if left <= 0 { return }
      var pause = timespec(tv_sec: 0, tv_nsec: Int(min(left, 200_000_000)))
      nanosleep(&pause, nil)
      try meanwhile()
    }
  }
}
