/// Elementary functions of sixteen numbers at once, without branches.

/// `e^x` with a relative error of about 1e-7; x is held within ±87, where results are normal numbers.
@inline(always)
func exponential(_ value: Vector) -> Vector {
  var x = value.replacing(with: 87, where: value .> 87)
  x = x.replacing(with: -87, where: x .< -87)
  // x = n·ln 2 + r: adding 1.5·2²³ rounds n to an integer, which then stands in the low bits.
  let shifted = Vector(repeating: 12_582_912).addingProduct(x, Vector(repeating: 1.442_695_04))
  let n = shifted - 12_582_912
  var r = x.addingProduct(n, Vector(repeating: -0.693_359_375))
  r = r.addingProduct(n, Vector(repeating: 2.121_944_4e-4))
  var p = Vector(repeating: 1.987_569_15e-4)
  p = Vector(repeating: 1.398_199_95e-3).addingProduct(p, r)
  p = Vector(repeating: 8.333_452e-3).addingProduct(p, r)
  p = Vector(repeating: 4.166_579_6e-2).addingProduct(p, r)
  p = Vector(repeating: 0.166_666_66).addingProduct(p, r)
  p = Vector(repeating: 0.5).addingProduct(p, r)
  let result = (r + 1).addingProduct(p, r * r)
  let bits = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &<< 23
  return unsafeBitCast(unsafeBitCast(result, to: SIMD16<UInt32>.self) &+ bits, to: Vector.self)
}

/// `1/(1 + e^-x)`.
@inline(always)
func sigmoid(_ x: Vector) -> Vector { 1 / (1 + exponential(-x)) }

/// The hyperbolic tangent; near zero by its series, where the quotient would lose digits.
@inline(always)
func hyperbolicTangent(_ x: Vector) -> Vector {
  let quotient = 1 - 2 / (1 + exponential(2 * x))
  let square = x * x
  var p = Vector(repeating: 2.186_948_9e-2)
  p = Vector(repeating: -5.396_825_4e-2).addingProduct(p, square)
  p = Vector(repeating: 0.133_333_33).addingProduct(p, square)
  p = Vector(repeating: -0.333_333_33).addingProduct(p, square)
  return quotient.replacing(with: x.addingProduct(x * square, p), where: square .< 0.0625)
}

/// The distribution function of the standard normal, `(1 + erf(x/√2))/2`, with an absolute error below 2e-7
/// (Abramowitz and Stegun 7.1.26).
@inline(always)
func normalDistribution(_ x: Vector) -> Vector {
  let magnitude = x.replacing(with: -x, where: x .< 0)
  let t = 1 / Vector(repeating: 1).addingProduct(magnitude, Vector(repeating: 0.231_641_89))
  var p = Vector(repeating: 1.061_405_429)
  p = Vector(repeating: -1.453_152_027).addingProduct(p, t)
  p = Vector(repeating: 1.421_413_741).addingProduct(p, t)
  p = Vector(repeating: -0.284_496_736).addingProduct(p, t)
  p = Vector(repeating: 0.254_829_592).addingProduct(p, t)
  let tail = 0.5 * p * t * exponential(-0.5 * x * x)
  return (1 - tail).replacing(with: tail, where: x .< 0)
}

/// Sine and cosine, for |x| below some thousands with an absolute error of about 1e-7.
@inline(always)
func sineAndCosine(_ x: Vector) -> (sine: Vector, cosine: Vector) {
  let shifted = Vector(repeating: 12_582_912).addingProduct(x, Vector(repeating: 0.636_619_77))
  let n = shifted - 12_582_912
  // π/2 in three parts whose products with n are exact.
  var r = x.addingProduct(n, Vector(repeating: -1.570_312_5))
  r = r.addingProduct(n, Vector(repeating: -4.837_512_97e-4))
  r = r.addingProduct(n, Vector(repeating: -7.549_789_95e-8))
  let square = r * r
  var s = Vector(repeating: -1.951_529_6e-4)
  s = Vector(repeating: 8.332_161e-3).addingProduct(s, square)
  s = Vector(repeating: -0.166_666_55).addingProduct(s, square)
  let sine = r.addingProduct(r * square, s)
  var c = Vector(repeating: 2.443_315_7e-5)
  c = Vector(repeating: -1.388_731_6e-3).addingProduct(c, square)
  c = Vector(repeating: 4.166_664_6e-2).addingProduct(c, square)
  let cosine = (1 - 0.5 * square).addingProduct(square * square, c)
  let quadrant = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) & 3
  // Odd quadrants exchange the two: all bits set there.
  let isOdd = SIMD16<UInt32>.zero &- (quadrant & 1)
  let (sineBits, cosineBits) = (
    unsafeBitCast(sine, to: SIMD16<UInt32>.self), unsafeBitCast(cosine, to: SIMD16<UInt32>.self)
  )
  let first = (sineBits & ~isOdd) | (cosineBits & isOdd)
  let second = (cosineBits & ~isOdd) | (sineBits & isOdd)
  let sineSign = (quadrant & 2) &<< 30
  let cosineSign = ((quadrant &+ 1) & 2) &<< 30
  return (
    unsafeBitCast(first ^ sineSign, to: Vector.self), unsafeBitCast(second ^ cosineSign, to: Vector.self)
  )
}
