#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Natural logarithm.
@inline(__always)
func logarithm(_ x: Double) -> Double { log(x) }

/// Exponential.
@inline(__always)
func exponential(_ x: Double) -> Double { exp(x) }

/// Sine and cosine of a fraction of a turn.
func turn(_ fraction: Double) -> (sine: Double, cosine: Double) {
  (sin(2 * Double.pi * fraction), cos(2 * Double.pi * fraction))
}
