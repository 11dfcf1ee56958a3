import Compute
import Glibc

/// Gradients and hessians as integers on power-of-two grids.
///
/// Integer sums do not depend on their order, so histograms are the same for any number of threads and a sibling's
/// histogram is its parent's minus its own, exactly. Sums of a power-of-two grid convert to `Double` without error.
struct GradientQuantisation: Sendable {
  /// Value of one gradient step.
  let gradientStep: Double
  /// Value of one hessian step.
  let hessianStep: Double
  /// Whether 31 bits are used instead of about 17, because the rows are few or the values span too
  /// many magnitudes.
  let isWide: Bool
  /// Whether every derivative is a finite number; nothing may be packed otherwise.
  let isFinite: Bool
  /// Rows whose packed sum fits into 32 bits a side.
  let tileRows: Int

  /// Up to so many rows 31 bits cost little, and keep the peers' order among near-equal gains.
  private static let smallTable = 50_000
  /// Below this mean number of steps a narrow grid would blur ordinary rows beside an outlier.
  private static let leastMeanSteps = 256.0

  /// Chooses the grids from the derivatives of the rows that train.
  init(_ derivatives: UnsafePointer<SIMD2<Float>>, rows: UnsafePointer<Int32>, count: Int, pool: ThreadPool) {
    let chunk = 16_384
    let chunks = (count + chunk - 1) / chunk
    let partial = Storage<SIMD4<Double>>(chunks, initial: .zero)
    pool.parallelChunks(of: count, chunk: chunk) { range, _ in
      var largest = SIMD2<Float>()
      var sum = SIMD2<Double>()
      for i in range {
        let value = derivatives[Int(rows[i])]
        let size = SIMD2(abs(value.x), value.y)
        largest = largest.replacing(with: size, where: size .> largest)
        sum += SIMD2<Double>(size)
      }
      partial.pointer[range.lowerBound / chunk] = SIMD4(Double(largest.x), Double(largest.y), sum.x, sum.y)
    }
    var largest = SIMD2<Double>()
    var sum = SIMD2<Double>()
    for i in 0..<chunks {
      let part = partial.pointer[i]
      largest = SIMD2(max(largest.x, part.x), max(largest.y, part.y))
      sum += SIMD2(part.z, part.w)
    }
    isFinite = sum.x.isFinite && sum.y.isFinite
    let narrow = count <= (1 << 13) - 64 ? 18 : 17
    let mean = sum / Double(max(count, 1))
    let steps = Double(1 << narrow)
    let blurred =
      mean.x * steps < largest.x * GradientQuantisation.leastMeanSteps
      || mean.y * steps < largest.y * GradientQuantisation.leastMeanSteps
    isWide = blurred || count <= GradientQuantisation.smallTable
    let bits = isWide ? 30 : narrow
    tileRows = (1 << (31 - narrow)) - 64
    gradientStep = GradientQuantisation.step(largest.x, bits: bits)
    hessianStep = GradientQuantisation.step(largest.y, bits: bits)
  }

  /// The smallest power of two of which `largest` has at most 2^bits.
  private static func step(_ largest: Double, bits: Int) -> Double {
    guard largest > 0, largest.isFinite else { return 1 }
    let exponent = largest.significand == 1 ? Int(largest.exponent) : Int(largest.exponent) + 1
    return scalbn(1, Int32(exponent - bits))
  }

  /// Gradient in the high half, hessian in the low half.
  @inline(__always)
  func pack(_ value: SIMD2<Float>, _ inverse: SIMD2<Double>) -> Int64 {
    let g = Int64((Double(value.x) * inverse.x).rounded(.toNearestOrEven))
    let h = Int64((Double(value.y) * inverse.y).rounded(.toNearestOrEven))
    return g << 32 + h
  }

  /// Packs the derivatives of `rows` in their order.
  func pack(
    _ derivatives: UnsafePointer<SIMD2<Float>>, rows: UnsafePointer<Int32>, count: Int,
    into target: UnsafeMutablePointer<Int64>, pool: ThreadPool
  ) {
    let inverse = SIMD2(1 / gradientStep, 1 / hessianStep)
    let output = SharedPointer(target)
    pool.parallelChunks(of: count, chunk: 16_384) { range, _ in
      for i in range { output.pointer[i] = pack(derivatives[Int(rows[i])], inverse) }
    }
  }
}
