/// ½ (f - y)²: g = f - y, h = 1; starts at the mean (XGBoost `reg:squarederror`, LightGBM `regression`).
struct SquaredErrorLoss: PointwiseLoss {
  static let name = "regression"

  func base(_ rows: TrainingRows) -> Double { rows.mean { Double($0) } }

  @inline(__always)
  func derivatives(
    margin: SIMD8<Float>, label: SIMD8<Float>
  ) -> (gradient: SIMD8<Float>, hessian: SIMD8<Float>) {
    (margin - label, SIMD8(repeating: 1))
  }
}
