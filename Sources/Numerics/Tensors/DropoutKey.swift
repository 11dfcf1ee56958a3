import Compute

/// Which elements a dropout drops: a pure function of seed, step, number of the operation and element.
///
/// The key is one block of Philox; two rounds of a mixing function make of it and of a block's number the bits of 32 elements, 16 for
/// each, so that the mask needs no memory and a backward pass draws it again. Rows have whole blocks of their own.
public struct DropoutKey: Equatable, Sendable {
  /// Elements that share one drawing.
  static let block = 32

  /// What is mixed into a block's number.
  let words: SIMD4<UInt32>
  /// An element is dropped when its 16 bits are below this.
  let threshold: Int32
  /// What the kept elements are multiplied by: one over the probability, in 65,536ths, of keeping one; 0 when all are dropped.
  let scale: Float

  /// The key of one operation of one step.
  /// - Parameters:
  ///   - rate: probability of dropping an element, in [0, 1].
  ///   - part: number of the part of the batch, whose elements are counted anew.
  public init(rate: Float, seed: UInt64, step: UInt64, operation: UInt32, part: UInt32 = 0) {
    require(rate >= 0 && rate <= 1, "a dropout rate lies in 0…1")
    let counter = SIMD4(
      UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32), operation,
      0x6472_6F70 &+ part)
    let key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    words = Philox.block(counter: counter, key: key)
    let dropped = Int32((rate * 65_536).rounded())
    threshold = dropped
    scale = dropped < 65_536 ? 65_536 / Float(65_536 - dropped) : 0
  }

  /// Number of blocks of a row.
  @inline(__always)
  static func blocks(_ width: Int) -> Int { (width + block - 1) / block }

  /// The factors, 0 or `scale`, of the 32 elements of a block.
  @inline(__always)
  func factors(_ block: Int) -> (Vector, Vector) {
    let x = bits(block)
    return (kept(x & 0xFFFF), kept(x &>> 16))
  }

  /// The factors of the first 16 elements of a block.
  @inline(__always)
  func firstFactors(_ block: Int) -> Vector { kept(bits(block) & 0xFFFF) }

  @inline(__always)
  private func bits(_ block: Int) -> SIMD16<UInt32> {
    let lanes = SIMD16<UInt32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    var x = (lanes &+ UInt32(truncatingIfNeeded: block) &* 16) ^ words.x
    x = DropoutKey.mixed(x) &+ words.y
    return DropoutKey.mixed(x ^ words.z) ^ words.w
  }

  /// The factor of one element of a row of `width`.
  func factor(row: Int, column: Int, width: Int) -> Float {
    let (low, high) = factors(row * DropoutKey.blocks(width) + column / DropoutKey.block)
    let lane = column % DropoutKey.block
    return lane < 16 ? low[lane] : high[lane - 16]
  }

  /// Dropped where the difference is negative: comparing integers lane by lane is slow.
  @inline(__always)
  private func kept(_ bits: SIMD16<UInt32>) -> Vector {
    let difference = unsafeBitCast(bits, to: SIMD16<Int32>.self) &- threshold
    let kept = ~(difference &>> 31) & SIMD16(repeating: Int32(bitPattern: scale.bitPattern))
    return unsafeBitCast(kept, to: Vector.self)
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
