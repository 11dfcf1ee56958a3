/// CatBoost's hash of a category's text: the low 32 bits of CityHash64 in its first version.
///
/// Source: G. Pike and J. Alakuijala, CityHash 1.0 (Google, MIT licence), whose constants and order of operations are part of
/// the format.
public enum CategoryHash {
  private static let k0: UInt64 = 0xc3a5_c85c_97cb_3127
  private static let k1: UInt64 = 0xb492_b66f_be98_f273
  private static let k2: UInt64 = 0x9ae1_6a3b_2f90_404f
  private static let k3: UInt64 = 0xc949_d7c7_509e_6557

  /// The hash by which CatBoost knows a category.
  public static func hash(_ text: String) -> UInt32 { UInt32(truncatingIfNeeded: city64(Array(text.utf8))) }

  /// CityHash64 of bytes.
  static func city64(_ bytes: [UInt8]) -> UInt64 {
    switch bytes.count {
    case 0...16: short(bytes)
    case 17...32: medium(bytes)
    case 33...64: long(bytes)
    default: chunked(bytes)
    }
  }

  private static func word(_ bytes: [UInt8], _ at: Int, width: Int = 8) -> UInt64 {
    (0..<width).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
  }

  private static func rotate(_ value: UInt64, _ shift: UInt64) -> UInt64 {
    value >> (shift & 63) | value << ((64 - shift) & 63)
  }

  private static func shiftMix(_ value: UInt64) -> UInt64 { value ^ value >> 47 }

  /// 16 bytes into 8, after Murmur.
  private static func pair(_ low: UInt64, _ high: UInt64) -> UInt64 {
    let factor: UInt64 = 0x9ddf_ea08_eb38_2d69
    let a = shiftMix((low ^ high) &* factor)
    return shiftMix((high ^ a) &* factor) &* factor
  }

  private static func short(_ s: [UInt8]) -> UInt64 {
    let n = s.count
    let length = UInt64(n)
    if n > 8 {
      let b = word(s, n - 8)
      return pair(word(s, 0), rotate(b &+ length, length)) ^ b
    }
    if n >= 4 { return pair(length &+ word(s, 0, width: 4) << 3, word(s, n - 4, width: 4)) }
    if n == 0 { return k2 }
    let y = UInt64(s[0]) + UInt64(s[n >> 1]) << 8
    let z = length + UInt64(s[n - 1]) << 2
    return shiftMix(y &* k2 ^ z &* k3) &* k2
  }

  private static func medium(_ s: [UInt8]) -> UInt64 {
    let n = s.count
    let a = word(s, 0) &* k1
    let b = word(s, 8)
    let c = word(s, n - 8) &* k2
    let d = word(s, n - 16) &* k0
    return pair(rotate(a &- b, 43) &+ rotate(c, 30) &+ d, a &+ rotate(b ^ k3, 20) &- c &+ UInt64(n))
  }

  private static func long(_ s: [UInt8]) -> UInt64 {
    let n = s.count
    /// Sums over 32 bytes: four words, the last apart.
    func half(_ start: UInt64, _ second: UInt64, _ third: UInt64, _ last: UInt64) -> (UInt64, UInt64) {
      var a = start
      let b = rotate(a &+ last, 52)
      var c = rotate(a, 37)
      a &+= second
      c &+= rotate(a, 7)
      a &+= third
      return (a &+ last, b &+ rotate(a, 31) &+ c)
    }
    let first = half(
      word(s, 0) &+ (UInt64(n) &+ word(s, n - 16)) &* k0, word(s, 8), word(s, 16), word(s, 24))
    let second = half(word(s, 16) &+ word(s, n - 32), word(s, n - 24), word(s, n - 16), word(s, n - 8))
    let r = shiftMix((first.0 &+ second.1) &* k2 &+ (second.0 &+ first.1) &* k0)
    return shiftMix(r &* k0 &+ first.1) &* k2
  }

  /// 32 bytes and two seeds into 16 bytes.
  private static func weak(_ s: [UInt8], _ at: Int, _ a: UInt64, _ b: UInt64) -> (UInt64, UInt64) {
    let (w, x, y, z) = (word(s, at), word(s, at + 8), word(s, at + 16), word(s, at + 24))
    let c = a &+ w
    let d = rotate(b &+ c &+ z, 21)
    let e = c &+ x &+ y
    return (e &+ z, d &+ rotate(e, 44) &+ c)
  }

  private static func chunked(_ s: [UInt8]) -> UInt64 {
    let n = s.count
    var x = word(s, 0)
    var y = word(s, n - 16) ^ k1
    var z = word(s, n - 56) ^ k0
    var v = weak(s, n - 64, UInt64(n), y)
    var w = weak(s, n - 32, UInt64(n) &* k1, k0)
    z &+= shiftMix(v.1) &* k1
    x = rotate(z &+ x, 39) &* k1
    y = rotate(y, 33) &* k1
    for at in stride(from: 0, to: (n - 1) & ~63, by: 64) {
      x = rotate(x &+ y &+ v.0 &+ word(s, at + 16), 37) &* k1
      y = rotate(y &+ v.1 &+ word(s, at + 48), 42) &* k1
      x ^= w.1
      y ^= v.0
      z = rotate(z ^ w.0, 33)
      v = weak(s, at, v.1 &* k1, x &+ w.0)
      w = weak(s, at + 32, z &+ w.1, y)
      swap(&z, &x)
    }
    return pair(pair(v.0, w.0) &+ shiftMix(y) &* k1 &+ z, pair(v.1, w.1) &+ x)
  }
}
