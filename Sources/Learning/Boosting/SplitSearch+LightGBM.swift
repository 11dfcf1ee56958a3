extension SplitSearch {
  /// LightGBM's enumeration (`src/treelearner/feature_histogram.hpp`, `FindBestThresholdSequentially`): right to left
  /// with missing rows on the left, then, if the feature has missing values and more than two bins, left to right
  /// with missing rows on the right. Rows of a child are estimated from its hessians.
  @inline(__always)
  func bestLightGBM(
    sums: UnsafePointer<SIMD2<Int64>>, bins: FeatureBins, node: NodeSums, rule: FeatureRule,
    isSplittable: inout Bool
  ) -> SplitCandidate {
    let gradient = gradientValue(node.gradient)
    let hessian = hessianValue(node.hessian) + 2 * SplitSearch.epsilon
    let rowsPerHessian = Double(node.rows) / hessian
    let floor =
      parentGain(SplitSide(gradient: gradient, hessian: hessian), node: node) + gamma
    let minimumRows = max(minDataInLeaf, 1)
    let twoBins = bins.bins == 2
    let count = bins.bins
    let skipsMissing = bins.hasMissing && !twoBins
    var best = SplitCandidate()
    var bestGain = -Double.infinity
    isSplittable = false

    var right = SIMD2<Int64>.zero
    var rightRows = 0
    for b in stride(from: count - 1 - (skipsMissing ? 1 : 0), to: 0, by: -1) {
      let entry = sums[b]
      if entry == .zero { continue }
      right &+= entry
      rightRows += Int(hessianValue(entry.y) * rowsPerHessian + 0.5)
      let rightHessian = hessianValue(right.y) + SplitSearch.epsilon
      if rightRows < minimumRows || rightHessian < minChildWeight { continue }
      let leftRows = node.rows - rightRows
      let leftHessian = hessian - rightHessian
      if leftRows < minimumRows || leftHessian < minChildWeight { break }
      if rule.only >= 0, b - 1 != rule.only { continue }
      let rightGradient = gradientValue(right.x)
      let current = splitGain(
        SplitSide(gradient: gradient - rightGradient, hessian: leftHessian, rows: leftRows),
        SplitSide(gradient: rightGradient, hessian: rightHessian, rows: rightRows), node,
        direction: rule.direction)
      if current <= floor { continue }
      isSplittable = true
      if current > bestGain {
        bestGain = current
        best = SplitCandidate(
          gain: current - floor, feature: Int32(rule.feature), bin: Int32(b - 1), missingLeft: skipsMissing,
          leftGradient: node.gradient &- right.x, leftHessian: node.hessian &- right.y,
          leftRows: Int32(leftRows))
      }
    }
    if best.exists, bins.hasMissing, twoBins { best = presentLeft(best, bins, sums) }
    guard skipsMissing else { return best }

    var left = SIMD2<Int64>.zero
    var leftRows = 0
    for b in 0..<count - 1 {
      let entry = sums[b]
      if entry == .zero { continue }
      left &+= entry
      leftRows += Int(hessianValue(entry.y) * rowsPerHessian + 0.5)
      let leftHessian = hessianValue(left.y) + SplitSearch.epsilon
      if leftRows < minimumRows || leftHessian < minChildWeight { continue }
      let rightRows = node.rows - leftRows
      let rightHessian = hessian - leftHessian
      if rightRows < minimumRows || rightHessian < minChildWeight { break }
      if rule.only >= 0, b != rule.only { continue }
      let leftGradient = gradientValue(left.x)
      let current = splitGain(
        SplitSide(gradient: leftGradient, hessian: leftHessian, rows: leftRows),
        SplitSide(gradient: gradient - leftGradient, hessian: rightHessian, rows: rightRows), node,
        direction: rule.direction)
      if current <= floor { continue }
      isSplittable = true
      if current > bestGain {
        bestGain = current
        best = SplitCandidate(
          gain: current - floor, feature: Int32(rule.feature), bin: Int32(b), missingLeft: false,
          leftGradient: left.x, leftHessian: left.y, leftRows: Int32(leftRows))
      }
    }
    return best.exists && best.bin == Int32(bins.numericBins - 1) ? presentLeft(best, bins, sums) : best
  }

  /// "Present" against "missing", written with the missing rows on the left, where no value can go astray.
  func presentLeft(
    _ candidate: SplitCandidate, _ bins: FeatureBins, _ sums: UnsafePointer<SIMD2<Int64>>
  ) -> SplitCandidate {
    var flipped = candidate
    flipped.bin = -1
    flipped.missingLeft = true
    flipped.leftGradient = sums[bins.numericBins].x
    flipped.leftHessian = sums[bins.numericBins].y
    if !candidate.missingLeft { flipped.leftRows = -1 }
    return flipped
  }
}
