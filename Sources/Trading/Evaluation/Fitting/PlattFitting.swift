import Calibration
import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension PlattScaling {
  /// Fits slope and offset by maximum likelihood on Platt's smoothed targets.
  ///
  /// Targets are (N₊ + 1)/(N₊ + 2) and 1/(N₋ + 2) (Platt, 1999) with N the weights' sums, as scikit-learn does; the
  /// optimiser is Newton's method with backtracking of Lin, Lin & Weng, "A Note on Platt's Probabilistic Outputs for
  /// Support Vector Machines", 2007, started from slope 0. Constant scores give slope 0 and the smoothed base rate.
  ///
  /// The slope is held at or below zero, so that calibrating never turns the ranking around: for scores that rank worse
  /// than chance the maximum lies on that bound, again the smoothed base rate, as isotonic regression would answer.
  /// - Parameters:
  ///   - happened: whether the event happened in each row.
  ///   - logOdds: the score of each row.
  ///   - weights: sample weights, or nil.
  /// - Throws: `TernError` of kind `data` for unequal lengths, scores that are not finite, or unusable weights;
  ///   `internalFailure` when Newton's method does not settle.
  public static func fit(
    happened: [Bool], logOdds scores: [Double], weights: [Double]? = nil
  ) throws(TernError) -> PlattScaling {
    guard happened.count == scores.count else {
      throw TernError(
        .data, "outcomes and scores differ in number", found: "\(happened.count) outcomes",
        expected: "\(scores.count)")
    }
    try MetricInput.checkWeights(weights, rows: scores.count)
    try MetricInput.checkFinite(scores, name: "score")
    var positive = 0.0
    var negative = 0.0
    for row in happened.indices {
      let weight = weights?[row] ?? 1
      if happened[row] { positive += weight } else { negative += weight }
    }
    let problem = Problem(
      happened: happened, scores: scores, weights: weights,
      high: (positive + 1) / (positive + 2), low: 1 / (negative + 2))
    // With slope 0 only the offset is left, and the loss is least where it answers the mean target.
    let hit = (positive * problem.high + negative * problem.low) / (positive + negative)
    let flat = try PlattScaling(slope: 0, offset: log((1 - hit) / hit))
    let weighing = scores.indices.filter { (weights?[$0] ?? 1) > 0 }
    if weighing.allSatisfy({ scores[$0] == scores[weighing[0]] }) { return flat }
    let fitted = try newton(problem, offset: log((negative + 1) / (positive + 1)), total: positive + negative)
    return fitted.slope > 0 ? flat : fitted
  }

  private struct Problem {
    let happened: [Bool]
    let scores: [Double]
    let weights: [Double]?
    let high: Double
    let low: Double

    /// Cross-entropy against the smoothed targets.
    func loss(_ a: Double, _ b: Double) -> Double {
      var sum = 0.0
      for row in scores.indices {
        let target = happened[row] ? high : low
        let x = a * scores[row] + b
        // t·x + ln(1 + e^−x), written so that neither sign of x overflows.
        sum +=
          (weights?[row] ?? 1) * (x >= 0 ? target * x + log1p(exp(-x)) : (target - 1) * x + log1p(exp(x)))
      }
      return sum
    }

    /// Gradient and Hessian of the loss in (slope, offset).
    func derivatives(_ a: Double, _ b: Double) -> (g: SIMD2<Double>, aa: Double, ab: Double, bb: Double) {
      var g = SIMD2<Double>.zero
      var (aa, ab, bb) = (0.0, 0.0, 0.0)
      for row in scores.indices {
        let weight = weights?[row] ?? 1
        let q = logistic(a * scores[row] + b)
        let curvature = weight * q * (1 - q)
        let residual = weight * ((happened[row] ? high : low) - (1 - q))
        aa += scores[row] * scores[row] * curvature
        ab += scores[row] * curvature
        bb += curvature
        g += SIMD2(scores[row] * residual, residual)
      }
      return (g, aa, ab, bb)
    }
  }

  private static func newton(
    _ problem: Problem, offset: Double, total: Double
  ) throws(TernError) -> PlattScaling {
    // Lin, Lin & Weng use 1e-5 and 100 rounds; the tighter gradient makes the result independent of the path.
    let tolerance = 1e-10 * total
    // Keeps the Hessian positive definite when the scores hardly vary.
    let ridge = 1e-12 * total
    var (a, b) = (0.0, offset)
    var loss = problem.loss(a, b)
    for _ in 0..<200 {
      let d = problem.derivatives(a, b)
      if abs(d.g.x) < tolerance && abs(d.g.y) < tolerance { return try PlattScaling(slope: a, offset: b) }
      let (aa, bb) = (d.aa + ridge, d.bb + ridge)
      let determinant = aa * bb - d.ab * d.ab
      let stepA = -(bb * d.g.x - d.ab * d.g.y) / determinant
      let stepB = -(aa * d.g.y - d.ab * d.g.x) / determinant
      let slope = d.g.x * stepA + d.g.y * stepB
      // So near the minimum the loss differs by less than its own rounding, while the gradient is still accurate.
      if -slope < 1e-10 * loss {
        a += stepA
        b += stepB
        loss = problem.loss(a, b)
        continue
      }
      var size = 1.0
      while true {
        let candidate = problem.loss(a + size * stepA, b + size * stepB)
        if candidate < loss + 1e-4 * size * slope {
          a += size * stepA
          b += size * stepB
          loss = candidate
          break
        }
        size /= 2
        // No representable step lowers the loss.
        if size < 1e-10 { return try PlattScaling(slope: a, offset: b) }
      }
    }
    throw TernError(.internalFailure, "Platt scaling did not converge in 200 Newton steps")
  }
}
