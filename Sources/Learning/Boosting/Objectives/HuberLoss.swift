/// ½ d² up to |d| = δ, δ (|d| - ½ δ) beyond, d = f - y: g = d cut to ±δ, h = 1; starts at the mean (LightGBM `huber`).
struct HuberLoss: PointwiseLoss {
  static let name = "huber"

  let slope: Float

  func base(_ rows: TrainingRows) -> Double { rows.mean { Double($0) } }

  @inline(__always)
  func derivatives(
    margin: SIMD8<Float>, label: SIMD8<Float>
  ) -> (gradient: SIMD8<Float>, hessian: SIMD8<Float>) {
    let distance = margin - label
    let cut = distance.replacing(with: slope, where: distance .> slope).replacing(
      with: -slope, where: distance .< -slope)
    return (cut, SIMD8(repeating: 1))
  }
}
