/// -y a / (1-ρ) + b / (2-ρ) with a = exp((1-ρ) f), b = exp((2-ρ) f): g = b - y a, h = (2-ρ) b - (1-ρ) y a; starts at the log
/// of the mean (XGBoost `reg:tweedie`, LightGBM `tweedie`).
struct TweedieLoss: LogLinkLoss {
  static let name = "tweedie"

  let power: Float

  @inline(__always)
  func derivatives(
    margin: SIMD8<Float>, label: SIMD8<Float>
  ) -> (gradient: SIMD8<Float>, hessian: SIMD8<Float>) {
    let first = label * vectorExp((1 - power) * margin)
    let second = vectorExp((2 - power) * margin)
    return (second - first, (2 - power) * second - (1 - power) * first)
  }
}
