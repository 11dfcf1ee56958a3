/// |f - y| / max(1, |y|): g = sign(f - y) / max(1, |y|), h = 1; starts at the median weighted by 1 / max(1, |y|), and so
/// are the leaves' medians (LightGBM `mape`, but with the rows' weights as hessians, which it takes for all equal).
struct PercentageErrorLoss: PointwiseLoss {
  static let name = "mape"

  let style: BoostingConfiguration.Style

  var leafLevel: Double? { 0.5 }

  func leafWeight(_ label: Float) -> Float { 1 / max(1, abs(label)) }

  func base(_ rows: TrainingRows) -> Double {
    let labels = rows.labels
    let own = rows.weights
    let weights = labels.indices.map { leafWeight(labels[$0]) * (own?[$0] ?? 1) }
    return Quantile(level: 0.5, style: style).value(of: labels.map(Double.init), weights: weights)
  }

  @inline(__always)
  func derivatives(
    margin: SIMD8<Float>, label: SIMD8<Float>
  ) -> (gradient: SIMD8<Float>, hessian: SIMD8<Float>) {
    let size = magnitudes(label)
    return (signs(margin - label) / size.replacing(with: 1, where: size .< 1), SIMD8(repeating: 1))
  }
}
