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

  /// Histogram of a leaf, (bins) of gradient and weight, perhaps as what another one leaves of its parent's.
  struct Sums {
    var sums: UnsafePointer<SIMD2<Int64>>
    /// What is to be taken off, nil for nothing.
    var less: UnsafePointer<SIMD2<Int64>>?

    init(_ sums: UnsafePointer<SIMD2<Int64>>, less: UnsafePointer<SIMD2<Int64>>? = nil) {
      self.sums = sums
      self.less = less
    }
  }

  /// Doubles of scratch that a call needs.
  static let scratchCount = 6 * 256

  /// Plain boosting: values and scores come from the same sums.
  ///
  /// - Parameters:
  ///   - numerator: (splits).
  ///   - denominator: (splits).
  static func add(
    _ sums: Sums, _ grid: Grid, bins: Int, isEquality: Bool, l2: Double,
    numerator: UnsafeMutablePointer<Double>, denominator: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let gradients = scratch
    let weights = scratch + 256
    let total = split(
      sums, grid, bins: bins, isEquality: isEquality, gradients: gradients, weights: weights,
      scratch: scratch + 512)
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
    tail: Sums, _ tailGrid: Grid, body: Sums, _ bodyGrid: Grid,
    bins: Int, isEquality: Bool, l2: Double, numerator: UnsafeMutablePointer<Double>,
    denominator: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let g = scratch
    let w = scratch + 256
    let bodyG = scratch + 512
    let bodyW = scratch + 768
    let total = split(
      tail, tailGrid, bins: bins, isEquality: isEquality, gradients: g, weights: w,
      scratch: scratch + 1024)
    let whole = split(
      body, bodyGrid, bins: bins, isEquality: isEquality, gradients: bodyG, weights: bodyW,
      scratch: scratch + 1024)
    for b in 0..<bins - 1 {
      let v = bodyG[b] / (bodyW[b] + l2)
      let otherV = (whole.x - bodyG[b]) / (whole.y - bodyW[b] + l2)
      numerator[b] += v * g[b] + otherV * (total.x - g[b])
      denominator[b] += v * v * w[b] + otherV * otherV * (total.y - w[b])
    }
  }

  /// The sums of one side of every split, and those of both.
  ///
  /// - Parameter scratch: (512) of running sums, which are written pair by pair and turned into numbers eight pairs at a time.
  @inline(__always)
  private static func split(
    _ sums: Sums, _ grid: Grid, bins: Int, isEquality: Bool,
    gradients: UnsafeMutablePointer<Double>, weights: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> SIMD2<Double> {
    let running = UnsafeMutableRawPointer(scratch)
    let pair = MemoryLayout<SIMD2<Int64>>.stride
    let own = sums.sums
    var total = SIMD2<Int64>.zero
    if isEquality {
      for b in 0..<bins {
        let entry = sums.less.map { own[b] &- $0[b] } ?? own[b]
        total &+= entry
        running.storeBytes(of: entry, toByteOffset: pair * b, as: SIMD2<Int64>.self)
      }
    } else if let less = sums.less {
      for b in 0..<bins {
        total &+= own[b] &- less[b]
        running.storeBytes(of: total, toByteOffset: pair * b, as: SIMD2<Int64>.self)
      }
    } else {
      for b in 0..<bins {
        total &+= own[b]
        running.storeBytes(of: total, toByteOffset: pair * b, as: SIMD2<Int64>.self)
      }
    }
    // What lies behind the last bin is turned into numbers that nothing reads.
    for b in stride(from: 0, to: bins, by: 8) {
      let pairs = running.loadUnaligned(fromByteOffset: pair * b, as: SIMD16<Int64>.self)
      let own = (
        SIMD8<Double>(pairs.evenHalf) * grid.gradientStep, SIMD8<Double>(pairs.oddHalf) * grid.hessianStep
      )
      UnsafeMutableRawPointer(gradients + b).storeBytes(of: own.0, as: SIMD8<Double>.self)
      UnsafeMutableRawPointer(weights + b).storeBytes(of: own.1, as: SIMD8<Double>.self)
    }
    return SIMD2(Double(total.x) * grid.gradientStep, Double(total.y) * grid.hessianStep)
  }
}
