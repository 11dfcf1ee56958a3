import Compute

/// Which elements a dropout drops: a pure function of seed, step, number of the operation and element.
///
/// The key is one block of Philox; each element's bits come from it by two rounds of a mixing function, sixteen elements at
/// a time, so that the mask needs no memory and a backward pass draws it again.
public struct DropoutKey: Equatable, Sendable {
  /// What is mixed into an element's number.
  let words: SIMD4<UInt32>
  /// An element is dropped when the upper 31 of its bits are below those of this.
  let threshold: UInt32
  /// What the kept elements are multiplied by, `1/(1 - rate)`; 0 when all are dropped.
  let scale: Float

  /// The key of one operation of one step.
  /// - Parameter rate: probability of dropping an element, in [0, 1].
  public init(rate: Float, seed: UInt64, step: UInt64, operation: UInt32) {
    require(rate >= 0 && rate <= 1, "a dropout rate lies in 0…1")
    let counter = SIMD4(
      UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32), operation, 0x6472_6F70)
    let key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    words = Philox.block(counter: counter, key: key)
    threshold = UInt32(min(Double(rate) * 0x1p32, 0x1p32 - 1))
    scale = rate < 1 ? 1 / (1 - rate) : 0
  }

  /// The factor of each of sixteen consecutive elements: 0 or `scale`.
  @inline(__always)
  func factors(_ first: UInt32) -> SIMD16<Float> {
    let lanes = SIMD16<UInt32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    var x = (lanes &+ first) ^ words.x
    x = DropoutKey.mixed(x) &+ words.y
    x = DropoutKey.mixed(x ^ words.z) ^ words.w
    // Dropped where the difference of the upper 31 bits is negative: comparing unsigned integers lane by lane is slow.
    let difference = SIMD16<Int32>(truncatingIfNeeded: x &>> 1) &- Int32(truncatingIfNeeded: threshold >> 1)
    let kept = ~(difference &>> 31) & SIMD16(repeating: Int32(bitPattern: scale.bitPattern))
    return unsafeBitCast(kept, to: SIMD16<Float>.self)
  }

  /// A bijection of 32 bits whose outputs look independent (lowbias32 of Wellons' hash prospector).
  @inline(__always)
  private static func mixed(_ value: SIMD16<UInt32>) -> SIMD16<UInt32> {
    var x = value
    x ^= x &>> 16
    x = x &* 0x21F0_AAAD
    x ^= x &>> 15
    x = x &* 0xD35A_2D97
    return x ^ (x &>> 15)
  }
}
