import Synchronization

/// Counts of observations in fixed buckets, for latencies in seconds. Updates are lock-free and allocate nothing.
public final class Histogram: Sendable {
  /// 1 µs to 1 s in steps of 1, 2, 5: nineteen bounds, so that a quantile is known within a factor of 2.5.
  public static let latencyBounds: [Double] = [
    1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5,
    1,
  ]

  /// Upper bounds of the buckets, rising and finite; one more bucket above the last has no bound.
  public let bounds: [Double]
  private let counts: [Counter]
  private let sum = Atomic<UInt64>(0)

  /// - Parameter bounds: Rising, finite, at least one.
  init(bounds: [Double]) {
    precondition(
      !bounds.isEmpty && bounds.allSatisfy(\.isFinite) && zip(bounds, bounds.dropFirst()).allSatisfy(<),
      "bucket bounds rise and are finite")
    self.bounds = bounds
    counts = (0...bounds.count).map { _ in Counter() }
  }

  /// Counts one observation. Not-a-number is counted above the last bound and left out of the sum.
  public func observe(_ value: Double) {
    var low = 0
    var high = bounds.count
    while low < high {
      let middle = (low + high) / 2
      if value <= bounds[middle] { high = middle } else { low = middle + 1 }
    }
    counts[low].increment()
    if !value.isNaN { sum.add(value) }
  }

  /// Counts one duration in nanoseconds as seconds (divided, so that 1,000 ns is 1e-6 s to the last bit).
  public func observe(nanoseconds: UInt64) { observe(Double(nanoseconds) / 1e9) }

  /// The counts at this moment.
  public func snapshot() -> Snapshot {
    Snapshot(
      bounds: bounds, counts: counts.map(\.value),
      sum: Double(bitPattern: sum.load(ordering: .relaxed)))
  }

  /// The counts at one moment.
  public struct Snapshot: Equatable, Sendable {
    /// Upper bounds of the buckets.
    public var bounds: [Double]
    /// Observations in each bucket; the last is above all bounds.
    public var counts: [UInt64]
    /// Sum of the observations.
    public var sum: Double

    /// All observations.
    public var count: UInt64 { counts.reduce(0, &+) }

    /// An estimate of a quantile: linear inside its bucket, from zero in the first, as Prometheus'
    /// `histogram_quantile`; the last bound for what lies above it; nil without observations.
    /// - Parameter q: Between 0 and 1.
    public func quantile(_ q: Double) -> Double? {
      precondition(q >= 0 && q <= 1, "a quantile lies between 0 and 1")
      let total = count
      guard total > 0 else { return nil }
      let rank = q * Double(total)
      var below: UInt64 = 0
      for (bucket, bound) in bounds.enumerated() {
        let inside = counts[bucket]
        if inside > 0, Double(below + inside) >= rank {
          let lower = bucket == 0 ? min(0, bound) : bounds[bucket - 1]
          return lower + (bound - lower) * (rank - Double(below)) / Double(inside)
        }
        below += inside
      }
      return bounds[bounds.count - 1]
    }
  }
}
