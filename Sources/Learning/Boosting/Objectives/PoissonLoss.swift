/// μ - y f with μ = exp(f): g = μ - y, h = exp(f + step); starts at the log of the mean (XGBoost `count:poisson` up to 3.4,
/// whose step is `max_delta_step`, LightGBM `poisson`).
struct PoissonLoss: LogLinkLoss {
  static let name = "poisson"

  let step: Double

  @inline(__always)
  func derivatives(
    margin: SIMD8<Float>, label: SIMD8<Float>
  ) -> (gradient: SIMD8<Float>, hessian: SIMD8<Float>) {
    (vectorExp(margin) - label, vectorExp(margin + Float(step)))
  }
}
