/// f + y exp(-f): g = 1 - y exp(-f), h = y exp(-f); starts at the log of the mean (XGBoost `reg:gamma`, LightGBM `gamma`).
struct GammaLoss: LogLinkLoss {
  static let name = "gamma"
  static let labelRule = "a number > 0"

  func canUse(_ label: Float) -> Bool { label > 0 && label.isFinite }

  @inline(__always)
  func derivatives(
    margin: SIMD8<Float>, label: SIMD8<Float>
  ) -> (gradient: SIMD8<Float>, hessian: SIMD8<Float>) {
    let ratio = label * vectorExp(-margin)
    return (1 - ratio, ratio)
  }
}
