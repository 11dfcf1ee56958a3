/// How long something takes: counts in buckets of 1/32 of a power of two, so that a quantile is off by at most 3 %.
///
/// After Gil Tene's HdrHistogram; fixed memory, no allocation on `record`.
public struct LatencyHistogram: Sendable {
  private static let subBits = 5
  private static let subCount = 1 << subBits
  /// Up to 2^36 ns, about 69 s; longer ones count as that.
  private static let buckets = (36 - subBits + 1) * subCount

  private var counts = [UInt32](repeating: 0, count: LatencyHistogram.buckets)
  /// Number of measurements.
  public private(set) var count = 0
  /// The longest, nanoseconds.
  public private(set) var maximum: UInt64 = 0
  /// Sum of all, nanoseconds.
  public private(set) var sum: UInt64 = 0

  /// No measurements.
  public init() {}

  /// Takes in a measurement in nanoseconds.
  @inline(__always)
  public mutating func record(_ nanoseconds: UInt64) {
    count += 1
    sum &+= nanoseconds
    maximum = max(maximum, nanoseconds)
    counts[LatencyHistogram.bucket(of: nanoseconds)] &+= 1
  }

  /// The duration that a share of all measurements does not exceed, nanoseconds; 0 without measurements.
  public func quantile(_ share: Double) -> UInt64 {
    guard count > 0 else { return 0 }
    let wanted = max(1, Int((share * Double(count)).rounded(.up)))
    var seen = 0
    for bucket in counts.indices {
      seen += Int(counts[bucket])
      if seen >= wanted { return min(LatencyHistogram.upperBound(bucket), maximum) }
    }
    return maximum
  }

  private static func bucket(of value: UInt64) -> Int {
    guard value >= UInt64(subCount) else { return Int(value) }
    let exponent = 63 - value.leadingZeroBitCount
    let shift = exponent - subBits
    let index = (shift + 1) << subBits | Int(value >> UInt64(shift)) & (subCount - 1)
    return min(index, buckets - 1)
  }

  private static func upperBound(_ bucket: Int) -> UInt64 {
    guard bucket >= subCount else { return UInt64(bucket) }
    let shift = (bucket >> subBits) - 1
    return (UInt64(subCount + bucket & (subCount - 1)) + 1) << UInt64(shift) - 1
  }
}
