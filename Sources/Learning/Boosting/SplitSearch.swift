/// A split of a node by one feature.
struct SplitCandidate: Sendable, Equatable {
  /// Loss reduction; only candidates above 0 may be used.
  var gain: Double = -.infinity
  var feature: Int32 = -1
  /// Present rows of bins 0 ... bin go left; -1 sends the missing rows alone to the left.
  var bin: Int32 = 0
  var missingLeft = false
  /// Sums of the left rows in steps.
  var leftGradient: Int64 = 0
  var leftHessian: Int64 = 0

  var exists: Bool { feature >= 0 }
}

/// The sums of a node in which splits are searched.
struct NodeSums: Sendable {
  var gradient: Int64
  var hessian: Int64
  var rows: Int
}

/// Finds the best split of a node by one feature.
struct SplitSearch: Sendable {
  let style: BoostingConfiguration.Style
  let lambda: Double
  let alpha: Double
  let gamma: Double
  let maxDeltaStep: Double
  let minChildWeight: Double
  let minDataInLeaf: Int
  let gradientStep: Double
  let hessianStep: Double

  init(configuration: BoostingConfiguration, gradientStep: Double, hessianStep: Double) {
    style = configuration.style
    lambda = configuration.lambda
    alpha = configuration.alpha
    gamma = configuration.gamma
    maxDeltaStep = configuration.maxDeltaStep
    minChildWeight = configuration.minChildWeight
    minDataInLeaf = configuration.minDataInLeaf
    self.gradientStep = gradientStep
    self.hessianStep = hessianStep
  }

  /// LightGBM's epsilon on hessian sums.
  static let epsilon = 1e-15
  /// XGBoost's smallest loss reduction.
  static let smallestLossChange = 1e-6

  /// sign(G) · max(|G| - alpha, 0).
  @inline(__always)
  func threshold(_ gradient: Double) -> Double {
    if alpha == 0 { return gradient }
    let size = abs(gradient) - alpha
    return size <= 0 ? 0 : (gradient < 0 ? -size : size)
  }

  /// The value of a leaf before the learning rate.
  func weight(gradient: Double, hessian: Double) -> Double {
    if hessian <= 0 { return 0 }
    let value = -threshold(gradient) / (hessian + lambda)
    if maxDeltaStep > 0, abs(value) > maxDeltaStep { return value < 0 ? -maxDeltaStep : maxDeltaStep }
    return value
  }

  /// Twice the loss that a leaf saves: S(G)² / (H + lambda), or the same of a clipped value.
  @inline(__always)
  func gain(gradient: Double, hessian: Double) -> Double {
    let s = threshold(gradient)
    if maxDeltaStep == 0 { return s * s / (hessian + lambda) }
    let value = weight(gradient: gradient, hessian: hessian)
    return -(2 * s * value + (hessian + lambda) * value * value)
  }

  /// The best split by a feature whose histogram is `sums[0 ..< bins]`, or one that does not exist.
  ///
  /// - Parameter isSplittable: cleared if no legal split was met (LightGBM).
  func best(
    sums: UnsafePointer<SIMD2<Int64>>, bins: FeatureBins, node: NodeSums, feature: Int,
    isSplittable: inout Bool
  ) -> SplitCandidate {
    if bins.isConstant { return SplitCandidate() }
    switch style {
    case .xgboost: return bestXGBoost(sums: sums, bins: bins, node: node, feature: feature)
    case .lightgbm:
      return bestLightGBM(sums: sums, bins: bins, node: node, feature: feature, isSplittable: &isSplittable)
    }
  }

  @inline(__always)
  func gradientValue(_ steps: Int64) -> Double { Double(steps) * gradientStep }

  @inline(__always)
  func hessianValue(_ steps: Int64) -> Double { Double(steps) * hessianStep }
}
