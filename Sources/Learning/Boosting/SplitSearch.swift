import Glibc

/// A set of bins of one feature.
typealias BinSet = SIMD4<UInt64>

extension BinSet {
  @inline(__always)
  func holds(_ bin: Int) -> Bool { self[bin >> 6] >> UInt64(bin & 63) & 1 != 0 }

  @inline(__always)
  mutating func insert(_ bin: Int) { self[bin >> 6] |= 1 << UInt64(bin & 63) }
}

/// A split of a node by one feature.
struct SplitCandidate: Sendable, Equatable {
  /// Loss reduction; only candidates above 0 may be used.
  var gain: Double = -.infinity
  var feature: Int32 = -1
  /// Present rows of bins 0 ... bin go left; -1 sends the missing rows alone to the left.
  var bin: Int32 = 0
  var missingLeft = false
  /// Whether `members` decides instead of `bin`.
  var isCategorical = false
  /// Sums of the left rows in steps.
  var leftGradient: Int64 = 0
  var leftHessian: Int64 = 0
  /// Bins of the categories that go left (LightGBM) or right (XGBoost).
  var members = BinSet.zero
  /// L2 penalty of the children beside lambda.
  var extraLambda = 0.0
  /// Rows on the left as the search estimated them (LightGBM), by which path smoothing weighs; -1 to count.
  var leftRows: Int32 = -1

  var exists: Bool { feature >= 0 }
}

/// The sums of a node in which splits are searched, and what its place in the tree asks of it.
struct NodeSums: Sendable {
  var gradient: Int64
  var hessian: Int64
  var rows: Int
  /// The value it would have as a leaf, before the learning rate.
  var output = 0.0
  /// Bounds on the values of all leaves below, from monotone constraints.
  var lower = -Double.infinity
  var upper = Double.infinity
  var depth = 0
}

/// How a feature is searched in one node.
struct FeatureRule: Sendable {
  var feature: Int
  /// Sign that the right side's value minus the left side's must have, 0 for any.
  var direction = 0
  /// The only threshold to try, or -1.
  var only = -1
}

/// The sums of one side of a split.
struct SplitSide: Sendable {
  var gradient: Double
  var hessian: Double
  var rows = 0
}

/// Finds the best split of a node by one feature. A class: parallel regions take one reference to it and not one for each of its lists.
final class SplitSearch: Sendable {
  let style: BoostingConfiguration.Style
  let lambda: Double
  let alpha: Double
  let gamma: Double
  let maxDeltaStep: Double
  let minChildWeight: Double
  let minDataInLeaf: Int
  let gradientStep: Double
  let hessianStep: Double
  let growth: GrowthConfiguration
  /// Whether leaf values are bounded.
  let hasBounds: Bool
  /// Whether gains do not depend on the place of a node: S(G)² / (H + lambda) is all there is.
  let isPlain: Bool

  init(configuration: BoostingConfiguration, gradientStep: Double, hessianStep: Double) {
    style = configuration.style
    lambda = configuration.lambda
    alpha = configuration.alpha
    gamma = configuration.gamma
    maxDeltaStep = configuration.maxDeltaStep
    minChildWeight = configuration.minChildWeight
    minDataInLeaf = configuration.minDataInLeaf
    growth = configuration.growth
    hasBounds = configuration.growth.monotoneConstraints.contains { $0 != 0 }
    isPlain = !hasBounds && configuration.growth.pathSmooth == 0
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
  func weight(gradient: Double, hessian: Double, extraLambda: Double = 0) -> Double {
    if hessian <= 0 { return 0 }
    let value = -threshold(gradient) / (hessian + lambda + extraLambda)
    if maxDeltaStep > 0, abs(value) > maxDeltaStep { return value < 0 ? -maxDeltaStep : maxDeltaStep }
    return value
  }

  /// The value of a child: drawn towards its parent's with path smoothing, and kept within the parent's bounds.
  func output(_ side: SplitSide, parent: NodeSums, extraLambda: Double = 0) -> Double {
    let value = smoothed(
      weight(gradient: side.gradient, hessian: side.hessian, extraLambda: extraLambda), rows: side.rows,
      towards: parent.output)
    return hasBounds ? min(max(value, parent.lower), parent.upper) : value
  }

  private func smoothed(_ value: Double, rows: Int, towards parent: Double) -> Double {
    if growth.pathSmooth == 0 { return value }
    let share = Double(rows) / growth.pathSmooth
    return value * share / (share + 1) + parent / (share + 1)
  }

  /// Twice the loss that a leaf saves: S(G)² / (H + lambda), or the same of a clipped value.
  @inline(__always)
  func gain(gradient: Double, hessian: Double, extraLambda: Double = 0) -> Double {
    let s = threshold(gradient)
    if maxDeltaStep == 0 { return s * s / (hessian + lambda + extraLambda) }
    let value = weight(gradient: gradient, hessian: hessian, extraLambda: extraLambda)
    return -(2 * s * value + (hessian + lambda + extraLambda) * value * value)
  }

  /// Twice the loss that a leaf of a given value saves.
  ///
  /// XGBoost counts the L1 penalty as it is, LightGBM by the thresholded gradient.
  func gain(_ side: SplitSide, value: Double, extraLambda: Double = 0) -> Double {
    let quadratic = (side.hessian + lambda + extraLambda) * value * value
    switch style {
    case .xgboost: return -(2 * side.gradient * value + quadratic + 2 * alpha * abs(value))
    case .lightgbm: return -(2 * threshold(side.gradient) * value + quadratic)
    }
  }

  /// What a node saves as a leaf.
  func parentGain(_ side: SplitSide, node: NodeSums) -> Double {
    if isPlain { return gain(gradient: side.gradient, hessian: side.hessian) }
    var value = weight(gradient: side.gradient, hessian: side.hessian)
    switch style {
    case .xgboost: value = min(max(value, node.lower), node.upper)
    case .lightgbm:
      if growth.pathSmooth == 0 { return gain(gradient: side.gradient, hessian: side.hessian) }
      value = smoothed(value, rows: node.rows, towards: node.output)
    }
    return gain(side, value: value)
  }

  /// What two children save together; -infinity if their values break the feature's direction.
  @inline(__always)
  func splitGain(
    _ left: SplitSide, _ right: SplitSide, _ node: NodeSums, direction: Int = 0, extraLambda: Double = 0
  ) -> Double {
    if isPlain {
      return gain(gradient: left.gradient, hessian: left.hessian, extraLambda: extraLambda)
        + gain(gradient: right.gradient, hessian: right.hessian, extraLambda: extraLambda)
    }
    return constrainedGain(left, right, node, direction, extraLambda)
  }

  @inline(never)
  private func constrainedGain(
    _ left: SplitSide, _ right: SplitSide, _ node: NodeSums, _ direction: Int, _ extraLambda: Double
  ) -> Double {
    let leftValue = output(left, parent: node, extraLambda: extraLambda)
    let rightValue = output(right, parent: node, extraLambda: extraLambda)
    if direction > 0 ? leftValue > rightValue : direction < 0 && leftValue < rightValue { return -.infinity }
    return gain(left, value: leftValue, extraLambda: extraLambda)
      + gain(right, value: rightValue, extraLambda: extraLambda)
  }

  /// The best split by a feature whose histogram is `sums[0 ..< bins]`, or one that does not exist.
  ///
  /// - Parameters:
  ///   - scan: room to compute gains eight at a time where they allow it.
  ///   - isSplittable: cleared if no legal split was met (LightGBM).
  func best(
    sums: UnsafePointer<SIMD2<Int64>>, bins: FeatureBins, node: NodeSums, rule: FeatureRule,
    scan: ScanBuffer? = nil, isSplittable: inout Bool
  ) -> SplitCandidate {
    if bins.isConstant { return SplitCandidate() }
    switch (style, bins.isCategorical) {
    case (.xgboost, false): return bestXGBoost(sums: sums, bins: bins, node: node, rule: rule)
    case (.xgboost, true): return bestPartitionXGBoost(sums: sums, bins: bins, node: node, rule: rule)
    case (.lightgbm, false):
      if let scan, hasVectorGains(rule) {
        return bestLightGBM(
          sums: sums, bins: bins, node: node, rule: rule, scan: scan, isSplittable: &isSplittable)
      }
      var found = bestLightGBM(sums: sums, bins: bins, node: node, rule: rule, isSplittable: &isSplittable)
      if rule.direction != 0, growth.monotonePenalty > 0 { found.gain *= penaltyFactor(depth: node.depth) }
      return found
    case (.lightgbm, true):
      return bestPartitionLightGBM(
        sums: sums, bins: bins, node: node, rule: rule, isSplittable: &isSplittable)
    }
  }

  /// LightGBM's factor on gains of monotone features (`ComputeMonotoneSplitGainPenalty`).
  private func penaltyFactor(depth: Int) -> Double {
    let penalty = growth.monotonePenalty
    let least = 1e-10
    if penalty >= Double(depth) + 1 { return least }
    if penalty <= 1 { return 1 - penalty / Double(sign: .plus, exponent: depth, significand: 1) + least }
    return 1 - exp2(penalty - 1 - Double(depth)) + least
  }

  @inline(__always)
  func gradientValue(_ steps: Int64) -> Double { Double(steps) * gradientStep }

  @inline(__always)
  func hessianValue(_ steps: Int64) -> Double { Double(steps) * hessianStep }
}
