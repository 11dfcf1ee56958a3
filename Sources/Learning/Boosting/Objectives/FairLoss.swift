/// c |d| - c² log(1 + |d|/c), d = f - y: g = c d / (|d| + c), h = c² / (|d| + c)²; starts at the mean (LightGBM `fair`).
struct FairLoss: PointwiseLoss {
  static let name = "fair"

  let c: Float

  func base(_ rows: TrainingRows) -> Double { rows.mean { Double($0) } }

  @inline(__always)
  func derivatives(
    margin: SIMD8<Float>, label: SIMD8<Float>
  ) -> (gradient: SIMD8<Float>, hessian: SIMD8<Float>) {
    let distance = margin - label
    let ratio = c / (magnitudes(distance) + c)
    return (distance * ratio, ratio * ratio)
  }
}
