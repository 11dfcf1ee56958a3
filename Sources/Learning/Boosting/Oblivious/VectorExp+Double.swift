/// exp(x) of eight non-positive numbers: x = n ln 2 + r, a polynomial of degree 12 for e^r and n in the exponent bits.
///
/// Relative error about 4e-16 for -708 <= x <= 0; below, x counts as -708, where e^x is 3e-308.
@inline(__always)
func vectorExp(nonPositive input: SIMD8<Double>) -> SIMD8<Double> {
  let x = input.replacing(with: SIMD8(repeating: -708), where: input .< -708)
  // Adding 1.5 × 2^52 rounds to the nearest integer, which then stands in the low mantissa bits.
  let magic = SIMD8<Double>(repeating: 6_755_399_441_055_744)
  let shifted = magic.addingProduct(x, SIMD8(repeating: 1.4426950408889634))
  let n = shifted - magic
  var r = x.addingProduct(n, SIMD8(repeating: -0.693147180369123816490))
  r = r.addingProduct(n, SIMD8(repeating: -1.90821492927058770002e-10))
  var p = SIMD8<Double>(repeating: 1.0 / 479_001_600)
  p = SIMD8(repeating: 1.0 / 39_916_800).addingProduct(p, r)
  p = SIMD8(repeating: 1.0 / 3_628_800).addingProduct(p, r)
  p = SIMD8(repeating: 1.0 / 362_880).addingProduct(p, r)
  p = SIMD8(repeating: 1.0 / 40_320).addingProduct(p, r)
  p = SIMD8(repeating: 1.0 / 5040).addingProduct(p, r)
  p = SIMD8(repeating: 1.0 / 720).addingProduct(p, r)
  p = SIMD8(repeating: 1.0 / 120).addingProduct(p, r)
  p = SIMD8(repeating: 1.0 / 24).addingProduct(p, r)
  p = SIMD8(repeating: 1.0 / 6).addingProduct(p, r)
  p = SIMD8(repeating: 0.5).addingProduct(p, r)
  p = SIMD8(repeating: 1).addingProduct(p, r)
  p = SIMD8(repeating: 1).addingProduct(p, r)
  let exponent = unsafeBitCast(shifted, to: SIMD8<UInt64>.self) &<< 52
  return unsafeBitCast(unsafeBitCast(p, to: SIMD8<UInt64>.self) &+ exponent, to: SIMD8<Double>.self)
}
