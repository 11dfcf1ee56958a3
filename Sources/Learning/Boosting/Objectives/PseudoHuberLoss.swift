/// δ² (√(1 + (d/δ)²) - 1), d = f - y: g = d / √(1 + (d/δ)²), h = δ² / ((δ² + d²) √(1 + (d/δ)²)); starts with one Newton
/// step from margin 0 (XGBoost `reg:pseudohubererror`).
struct PseudoHuberLoss: PointwiseLoss {
  static let name = "pseudo_huber"

  let slope: Float

  func base(_ rows: TrainingRows) -> Double {
    let square = Double(slope) * Double(slope)
    let gradient = rows.mean { -Double($0) / (1 + Double($0) * Double($0) / square).squareRoot() }
    let hessian = rows.mean {
      square / ((square + Double($0) * Double($0)) * (1 + Double($0) * Double($0) / square).squareRoot())
    }
    return hessian > 0 ? -gradient / hessian : 0
  }

  @inline(__always)
  func derivatives(
    margin: SIMD8<Float>, label: SIMD8<Float>
  ) -> (gradient: SIMD8<Float>, hessian: SIMD8<Float>) {
    let distance = margin - label
    let square = slope * slope
    let root = (1 + distance * distance / square).squareRoot()
    return (distance / root, square / ((square + distance * distance) * root))
  }
}
