import Glibc
import Trees

/// A loss of a positive mean μ = exp(f), which starts at the log of the labels' mean.
protocol LogLinkLoss: PointwiseLoss {}

extension LogLinkLoss {
  static var labelRule: String { "a number >= 0" }
  var link: Forest.Link { .exponential }
  func canUse(_ label: Float) -> Bool { label >= 0 && label.isFinite }

  /// log Σ w y / Σ w, -∞ kept finite.
  func base(_ rows: TrainingRows) -> Double { log(max(rows.mean { Double($0) }, 1e-15)) }
}
