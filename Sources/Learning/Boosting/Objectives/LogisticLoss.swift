import Diagnostics
import Glibc
import Trees

/// Cross-entropy of a label in [0, 1]: g = σ (p - y) · factor, h = σ² p (1 - p) · factor, p = 1 / (1 + exp(-σ f)).
///
/// XGBoost `binary:logistic` and `reg:logistic` (h at least 1e-16), LightGBM `binary` and `cross_entropy`. The factors
/// weigh rows of label 1 and of label 0.
struct LogisticLoss: PointwiseLoss {
  static let name = "binary"
  static let labelRule = "between 0 and 1"

  let style: BoostingConfiguration.Style
  var positiveFactor: Float = 1
  var negativeFactor: Float = 1
  /// σ, LightGBM's `sigmoid`.
  var sigmoid: Float = 1

  /// Smallest hessian of XGBoost's logistic objectives.
  static let smallestHessian: Float = 1e-16

  var link: Forest.Link { .logistic }
  var linkScale: Double { Double(sigmoid) }
  func canUse(_ label: Float) -> Bool { label >= 0 && label <= 1 }

  /// The log-odds of the mean label; in XGBoost, where positive rows are scaled, one Newton step from margin 0.
  func base(_ rows: TrainingRows) -> Double { base { Double($0) }(rows) }

  /// The same for labels seen through a function, such as "is of this class".
  func base(_ positive: @escaping (Float) -> Double) -> (TrainingRows) -> Double {
    { rows in
      let share = rows.mean(positive)
      if style == .xgboost, positiveFactor != 1 || negativeFactor != 1 {
        // p = 1/2 and h = 1/4 at margin 0.
        let gradient = rows.mean { label in
          let y = positive(label)
          return (0.5 - y) * Double(factor(Float(y)))
        }
        let hessian = rows.mean { 0.25 * Double(factor(Float(positive($0)))) }
        return -gradient / hessian
      }
      let limit = style == .lightgbm ? 1e-15 : 1e-6
      let bounded = min(max(share, limit), 1 - limit)
      return log(bounded / (1 - bounded)) / Double(sigmoid)
    }
  }

  private func factor(_ label: Float) -> Float {
    label == 1 ? positiveFactor : label == 0 ? negativeFactor : 1
  }

  @inline(__always)
  func derivatives(
    margin: SIMD8<Float>, label: SIMD8<Float>
  ) -> (gradient: SIMD8<Float>, hessian: SIMD8<Float>) {
    let p = 1 / (1 + vectorExp(-margin * sigmoid))
    let factor = SIMD8<Float>(repeating: 1).replacing(with: positiveFactor, where: label .== 1)
      .replacing(with: negativeFactor, where: label .== 0)
    let floor = style == .xgboost ? LogisticLoss.smallestHessian : 0
    let second = sigmoid * sigmoid * (p * (1 - p))
    return (sigmoid * (p - label) * factor, second.replacing(with: floor, where: second .< floor) * factor)
  }

  /// The factors that the configuration asks for, from the rows that train.
  static func factors(
    _ configuration: BoostingConfiguration, rows: TrainingRows, isPositive: (Float) -> Bool
  ) -> (positive: Float, negative: Float) {
    let scale = Float(configuration.scalePosWeight)
    guard configuration.isUnbalance else { return (scale, 1) }
    var positives = 0
    for place in 0..<rows.count where isPositive(rows.all.labels[rows.row(place)]) { positives += 1 }
    guard positives > 0, positives < rows.count else { return (scale, 1) }
    let ratio = Float(rows.count - positives) / Float(positives)
    return ratio > 1 ? (ratio, 1) : (1, 1 / ratio)
  }
}
