/// |f - y|: g = sign(f - y), h = 1; starts at the median, leaves are re-fitted to the median residual.
///
/// XGBoost `reg:absoluteerror` up to 3.3 (later releases minimise a smooth surrogate instead) and LightGBM
/// `regression_l1` differ in their medians: see `Quantile`.
struct AbsoluteErrorLoss: PointwiseLoss {
  static let name = "regression_l1"

  let style: BoostingConfiguration.Style

  var leafLevel: Double? { 0.5 }

  func base(_ rows: TrainingRows) -> Double {
    Quantile(level: 0.5, style: style).value(of: rows.labels.map(Double.init), weights: rows.weights)
  }

  @inline(__always)
  func derivatives(
    margin: SIMD8<Float>, label: SIMD8<Float>
  ) -> (gradient: SIMD8<Float>, hessian: SIMD8<Float>) {
    (signs(margin - label), SIMD8(repeating: 1))
  }
}
