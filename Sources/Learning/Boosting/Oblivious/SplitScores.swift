/// Adds the scores of all splits of one feature over the leaves of a level.
///
/// For each split the numerator Σ v G and the square of the denominator Σ v² W of the Cosine score are summed; the
/// numerator alone is the L2 score. A leaf's value is v = G / (W + l2).
enum SplitScores {
  /// What turns packed sums into numbers.
  struct Grid {
    var gradientStep: Double
    var hessianStep: Double

    init(_ quantisation: GradientQuantisation) {
      gradientStep = quantisation.gradientStep
      hessianStep = quantisation.hessianStep
    }
  }

  /// Doubles of scratch that a call needs.
  static let scratchCount = 4 * 256

  /// Plain boosting: values and scores come from the same sums.
  ///
  /// - Parameters:
  ///   - sums: (bins) of gradient and weight.
  ///   - numerator: (splits).
  ///   - denominator: (splits).
  static func add(
    _ sums: UnsafePointer<SIMD2<Int64>>, _ grid: Grid, bins: Int, isEquality: Bool, l2: Double,
    numerator: UnsafeMutablePointer<Double>, denominator: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let gradients = scratch
    let weights = scratch + 256
    let total = split(sums, grid, bins: bins, isEquality: isEquality, gradients: gradients, weights: weights)
    for b in 0..<bins - 1 {
      let g = gradients[b]
      let w = weights[b]
      let otherG = total.x - g
      let otherW = total.y - w
      let v = g / (w + l2)
      let otherV = otherG / (otherW + l2)
      numerator[b] += v * g + otherV * otherG
      denominator[b] += v * v * w + otherV * otherV * otherW
    }
  }

  /// Ordered boosting: values come from the body's sums, scores from the tail's.
  static func addOrdered(
    tail: UnsafePointer<SIMD2<Int64>>, _ tailGrid: Grid, body: UnsafePointer<SIMD2<Int64>>, _ bodyGrid: Grid,
    bins: Int, isEquality: Bool, l2: Double, numerator: UnsafeMutablePointer<Double>,
    denominator: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let g = scratch
    let w = scratch + 256
    let bodyG = scratch + 512
    let bodyW = scratch + 768
    let total = split(tail, tailGrid, bins: bins, isEquality: isEquality, gradients: g, weights: w)
    let whole = split(body, bodyGrid, bins: bins, isEquality: isEquality, gradients: bodyG, weights: bodyW)
    for b in 0..<bins - 1 {
      let v = bodyG[b] / (bodyW[b] + l2)
      let otherV = (whole.x - bodyG[b]) / (whole.y - bodyW[b] + l2)
      numerator[b] += v * g[b] + otherV * (total.x - g[b])
      denominator[b] += v * v * w[b] + otherV * otherV * (total.y - w[b])
    }
  }

  /// The sums of one side of every split, and those of both.
  @inline(__always)
  private static func split(
    _ sums: UnsafePointer<SIMD2<Int64>>, _ grid: Grid, bins: Int, isEquality: Bool,
    gradients: UnsafeMutablePointer<Double>, weights: UnsafeMutablePointer<Double>
  ) -> SIMD2<Double> {
    var total = SIMD2<Int64>.zero
    if isEquality {
      for b in 0..<bins {
        gradients[b] = Double(sums[b].x) * grid.gradientStep
        weights[b] = Double(sums[b].y) * grid.hessianStep
        total &+= sums[b]
      }
    } else {
      for b in 0..<bins {
        total &+= sums[b]
        gradients[b] = Double(total.x) * grid.gradientStep
        weights[b] = Double(total.y) * grid.hessianStep
      }
    }
    return SIMD2(Double(total.x) * grid.gradientStep, Double(total.y) * grid.hessianStep)
  }
}
