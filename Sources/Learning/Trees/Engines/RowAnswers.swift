/// Answers to all tests of one column for one row.
enum RowAnswers {
  /// Answers that are written at a time.
  static let width = 64

  /// 0, 1, 2 …
  @inline(__always)
  private static var ranks: SIMD64<UInt8> {
    let eights = SIMD8<UInt64>(0, 1, 2, 3, 4, 5, 6, 7) &* SIMD8(repeating: 0x0808_0808_0808_0808)
    return unsafeBitCast(eights &+ SIMD8(repeating: 0x0706_0504_0302_0100), to: SIMD64<UInt8>.self)
  }

  /// Writes 1 for each rank that a code reaches, else 0, the answer to rank one first, and zeros up to a whole vector.
  @inline(__always)
  static func write(_ code: UInt8, count: Int, into target: UnsafeMutablePointer<UInt8>) {
    var first = 0
    let codes = SIMD64<UInt8>(repeating: code)
    var ranks = RowAnswers.ranks
    while first < count {
      let isReached: SIMDMask<SIMD64<Int8>> = ranks .< codes
      let answers = SIMD64<Int8>(repeating: 0) &- unsafeBitCast(isReached, to: SIMD64<Int8>.self)
      UnsafeMutableRawPointer(target + first).storeBytes(of: answers, as: SIMD64<Int8>.self)
      ranks &+= SIMD64<UInt8>(repeating: 64)
      first += width
    }
  }
}
