extension SplitSearch {
  /// XGBoost's enumeration (`src/tree/hist/evaluate_splits.h`): forward with missing rows on the right, then, only if
  /// rows are missing, backward with missing rows on the left. A later candidate must be strictly better.
  @inline(__always)
  func bestXGBoost(
    sums: UnsafePointer<SIMD2<Int64>>, bins: FeatureBins, node: NodeSums, rule: FeatureRule
  ) -> SplitCandidate {
    let numeric = bins.numericBins
    let total = SIMD2(node.gradient, node.hessian)
    let parent = Float(parentGain(side(total), node: node))
    let rowsPerStep = total.y > 0 ? Double(node.rows) / Double(total.y) : 0
    var best = SplitCandidate()
    var bestLoss = Float(SplitSearch.smallestLossChange)
    let missing = bins.hasMissing ? sums[numeric] : .zero
    let anyMissing = missing != .zero
    var left = SIMD2<Int64>.zero
    for b in 0..<(anyMissing ? numeric : numeric - 1) {
      let entry = sums[b]
      if entry == .zero { continue }
      left &+= entry
      let right = total &- left
      guard isLegal(left, rowsPerStep) else { continue }
      guard isLegal(right, rowsPerStep) else { break }
      let loss = lossChange(left, right, parent, node, rule)
      if loss > bestLoss {
        bestLoss = loss
        best = SplitCandidate(
          gain: Double(loss), feature: Int32(rule.feature), bin: Int32(b), missingLeft: false,
          leftGradient: left.x,
          leftHessian: left.y)
      }
    }
    if best.exists, best.bin == Int32(numeric - 1) {
      // "Present" against "missing": written with the missing rows on the left, where no value can go astray.
      best.bin = -1
      best.missingLeft = true
      best.leftGradient = missing.x
      best.leftHessian = missing.y
    }
    guard anyMissing else { return best }
    var right = SIMD2<Int64>.zero
    for b in stride(from: numeric - 1, to: 0, by: -1) {
      let entry = sums[b]
      if entry == .zero { continue }
      right &+= entry
      let left = total &- right
      guard isLegal(right, rowsPerStep) else { continue }
      guard isLegal(left, rowsPerStep) else { break }
      let loss = lossChange(left, right, parent, node, rule)
      if loss > bestLoss {
        bestLoss = loss
        best = SplitCandidate(
          gain: Double(loss), feature: Int32(rule.feature), bin: Int32(b - 1), missingLeft: true,
          leftGradient: left.x,
          leftHessian: left.y)
      }
    }
    return best
  }

  /// Whether a child has weight enough, and rows enough by LightGBM's estimate where rows are limited.
  @inline(__always)
  func isLegal(_ side: SIMD2<Int64>, _ rowsPerStep: Double) -> Bool {
    let hessian = hessianValue(side.y)
    if hessian <= 0 || hessian < minChildWeight { return false }
    return minDataInLeaf == 0 || Int(Double(side.y) * rowsPerStep + 0.5) >= minDataInLeaf
  }

  @inline(__always)
  func side(_ sums: SIMD2<Int64>) -> SplitSide {
    SplitSide(gradient: gradientValue(sums.x), hessian: hessianValue(sums.y))
  }

  @inline(__always)
  func lossChange(
    _ left: SIMD2<Int64>, _ right: SIMD2<Int64>, _ parent: Float, _ node: NodeSums, _ rule: FeatureRule
  ) -> Float {
    Float(splitGain(side(left), side(right), node, direction: rule.direction) - Double(parent))
  }
}
