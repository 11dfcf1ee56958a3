/// Pinball loss of level α: g = 1 - α where f >= y, else -α, h = 1; starts at the quantile, leaves are re-fitted to the
/// residuals' quantile (XGBoost `reg:quantileerror` up to 3.3, LightGBM `quantile`).
struct QuantileLoss: PointwiseLoss {
  static let name = "quantile"

  let alpha: Double
  let style: BoostingConfiguration.Style

  var leafLevel: Double? { alpha }

  func base(_ rows: TrainingRows) -> Double {
    Quantile(level: alpha, style: style).value(of: rows.labels.map(Double.init), weights: rows.weights)
  }

  @inline(__always)
  func derivatives(
    margin: SIMD8<Float>, label: SIMD8<Float>
  ) -> (gradient: SIMD8<Float>, hessian: SIMD8<Float>) {
    let level = Float(alpha)
    let gradient = SIMD8<Float>(repeating: 1 - level).replacing(with: -level, where: margin .< label)
    return (gradient, SIMD8(repeating: 1))
  }
}
