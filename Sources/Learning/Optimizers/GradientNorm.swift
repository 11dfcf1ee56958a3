import Compute

/// The Euclidean length of all gradients together.
///
/// Squares are added in double precision within fixed slices and the slices in their order, so that the last bit does not
/// depend on the number of threads.
public struct GradientNorm: Sendable, Equatable {
  /// √(Σ g²).
  public let value: Double
  /// The first parameter with a gradient that is infinite or not a number, if there is one.
  public let nonFinite: String?

  /// Measures gradients.
  public init(of parameters: [ParameterBuffer], pool: ThreadPool) {
    let slices = ParameterSlice.slices(of: parameters.map(\.count))
    let sums = [Double](unsafeUninitializedCapacity: slices.count) { sums, initialised in
      pool.parallelFor(count: slices.count) { item, _ in
        let slice = slices[item]
        sums[item] =
          parameters[slice.parameter].gradients.map {
            GradientNorm.squares($0 + slice.start, count: slice.count)
          } ?? 0
      }
      initialised = slices.count
    }
    value = sums.reduce(0, +).squareRoot()
    nonFinite = zip(slices, sums).first { !$1.isFinite }.map { parameters[$0.0.parameter].name }
  }

  /// The factor that brings the length down to a limit: min(1, limit / (length + 1e-6)), as PyTorch's `clip_grad_norm_`.
  public func scale(clippingTo limit: Double) -> Float {
    let factor = Float(limit / (value + 1e-6))
    return factor < 1 || factor.isNaN ? factor : 1
  }

  /// Squares of single-precision numbers are exact in double precision and cannot overflow it.
  private static func squares(_ g: UnsafePointer<Float>, count: Int) -> Double {
    var a = SIMD8<Double>()
    var b = SIMD8<Double>()
    var i = 0
    let raw = UnsafeRawPointer(g)
    while i + 16 <= count {
      let x = SIMD8<Double>(raw.loadUnaligned(fromByteOffset: i * 4, as: SIMD8<Float>.self))
      let y = SIMD8<Double>(raw.loadUnaligned(fromByteOffset: i * 4 + 32, as: SIMD8<Float>.self))
      a.addProduct(x, x)
      b.addProduct(y, y)
      i += 16
    }
    var sum = (a + b).sum()
    while i < count {
      sum += Double(g[i]) * Double(g[i])
      i += 1
    }
    return sum
  }
}
