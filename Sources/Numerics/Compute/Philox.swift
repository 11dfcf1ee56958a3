/// A counter-based random generator: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3",
/// SC'11).
///
/// The n-th block is a pure function of `(seed, stream, n)`, so parallel work draws the same numbers on any
/// number of threads: give each tree, fold or row range a stream of its own.
public struct Philox: RandomNumberGenerator, Equatable, Sendable {
  private let key: SIMD2<UInt32>
  private let stream: UInt64
  /// Number of 128-bit blocks drawn so far.
  public private(set) var counter: UInt64
  private var block = SIMD4<UInt32>(repeating: 0)
  private var used = 4

  /// Starts a generator at a block of its sequence.
  public init(seed: UInt64, stream: UInt64 = 0, counter: UInt64 = 0) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    self.stream = stream
    self.counter = counter
  }

  /// 64 uniformly distributed bits.
  public mutating func next() -> UInt64 {
    let low = next32()
    return UInt64(next32()) << 32 | UInt64(low)
  }

  /// 32 uniformly distributed bits.
  public mutating func next32() -> UInt32 {
    if used == 4 {
      let position = SIMD4(
        UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
        UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
      block = Philox.block(counter: position, key: key)
      counter &+= 1
      used = 0
    }
    defer { used += 1 }
    return block[used]
  }

  /// A number in [0, 1) with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// An integer in 0..<bound without bias (Lemire, "Fast Random Integer Generation in an Interval", 2019).
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "the bound of a random integer must be positive")
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// The ten rounds on one 128-bit counter.
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let a = c.x.multipliedFullWidth(by: 0xD251_1F53)
      let b = c.z.multipliedFullWidth(by: 0xCD9E_8D57)
      c = SIMD4(b.high ^ c.y ^ k.x, b.low, a.high ^ c.w ^ k.y, a.low)
      k = SIMD2(k.x &+ 0x9E37_79B9, k.y &+ 0xBB67_AE85)
    }
    return c
  }
}
