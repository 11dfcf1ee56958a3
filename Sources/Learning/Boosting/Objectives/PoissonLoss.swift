import Glibc
import Trees

/// μ - y f with μ = exp(f): g = μ - y, h = exp(f + step); starts at the log of the mean (XGBoost `count:poisson` up to 3.4,
/// whose step is `max_delta_step`, LightGBM `poisson`).
struct PoissonLoss: PointwiseLoss {
  static let name = "poisson"
  static let labelRule = "a number >= 0"

  let step: Double

  var link: Forest.Link { .exponential }
  func canUse(_ label: Float) -> Bool { label >= 0 && label.isFinite }
  func base(_ rows: TrainingRows) -> Double { logOfMean(rows) }

  @inline(__always)
  func derivatives(
    margin: SIMD8<Float>, label: SIMD8<Float>
  ) -> (gradient: SIMD8<Float>, hessian: SIMD8<Float>) {
    (vectorExp(margin) - label, vectorExp(margin + Float(step)))
  }
}

/// log Σ w y / Σ w, -∞ kept finite.
func logOfMean(_ rows: TrainingRows) -> Double { log(max(rows.mean { Double($0) }, 1e-15)) }
