/// exp(x) of eight numbers: x = n ln 2 + r, a polynomial of degree 6 for e^r and n in the exponent bits.
///
/// Relative error about 1e-7 for -87 <= x <= 88; x is clamped to that range, so the result is finite and positive.
@inline(__always)
func vectorExp(_ input: SIMD8<Float>) -> SIMD8<Float> {
  var x = input.replacing(with: SIMD8(repeating: 88), where: input .> 88)
  x = x.replacing(with: SIMD8(repeating: -87), where: x .< -87)
  // Adding 1.5 × 2^23 rounds to the nearest integer, which then stands in the low mantissa bits.
  let magic = SIMD8<Float>(repeating: 12_582_912)
  let shifted = magic.addingProduct(x, SIMD8(repeating: 1.442695040888963))
  let n = shifted - magic
  var r = x.addingProduct(n, SIMD8(repeating: -0.693145751953125))
  r = r.addingProduct(n, SIMD8(repeating: -1.428606765330187e-06))
  var p = SIMD8<Float>(repeating: 1.0 / 720)
  p = SIMD8(repeating: 1.0 / 120).addingProduct(p, r)
  p = SIMD8(repeating: 1.0 / 24).addingProduct(p, r)
  p = SIMD8(repeating: 1.0 / 6).addingProduct(p, r)
  p = SIMD8(repeating: 0.5).addingProduct(p, r)
  p = SIMD8(repeating: 1).addingProduct(p, r)
  p = SIMD8(repeating: 1).addingProduct(p, r)
  let exponent = SIMD8<UInt32>(truncatingIfNeeded: unsafeBitCast(shifted, to: SIMD8<UInt32>.self)) &<< 23
  return unsafeBitCast(unsafeBitCast(p, to: SIMD8<UInt32>.self) &+ exponent, to: SIMD8<Float>.self)
}
