extension SplitSearch {
  /// XGBoost's categorical splits (`EnumerateOneHot`, `EnumeratePart`): each category against the others while there
  /// are few, else the best of the prefixes of categories in order of their leaf values. Members go right.
  func bestPartitionXGBoost(
    sums: UnsafePointer<SIMD2<Int64>>, bins: FeatureBins, node: NodeSums, rule: FeatureRule
  ) -> SplitCandidate {
    let total = SIMD2(node.gradient, node.hessian)
    let parent = Float(parentGain(side(total), node: node))
    let rowsPerStep = total.y > 0 ? Double(node.rows) / Double(total.y) : 0
    var best = SplitCandidate()
    var bestLoss = Float(SplitSearch.smallestLossChange)
    func consider(_ left: SIMD2<Int64>, missingLeft: Bool, members: () -> BinSet) {
      let right = total &- left
      guard isLegal(left, rowsPerStep), isLegal(right, rowsPerStep) else { return }
      let loss = lossChange(left, right, parent, node, FeatureRule(feature: rule.feature))
      guard loss > bestLoss else { return }
      bestLoss = loss
      best = SplitCandidate(
        gain: Double(loss), feature: Int32(rule.feature), missingLeft: missingLeft, isCategorical: true,
        leftGradient: left.x, leftHessian: left.y, members: members())
    }
    let categories = bins.codes.count
    let missing = bins.hasMissing ? sums[bins.numericBins] : .zero
    if categories < growth.maxCatToOnehot {
      for bin in 0..<categories {
        var own = BinSet.zero
        own.insert(bin)
        consider(total &- sums[bin], missingLeft: true) { own }
        consider(total &- sums[bin] &- missing, missingLeft: false) { own }
      }
      return best
    }
    func value(_ bin: Int) -> Float {
      let own = side(sums[bin])
      // A category too light for a leaf has no opinion.
      return own.hessian < minChildWeight ? 0 : Float(weight(gradient: own.gradient, hessian: own.hessian))
    }
    let order = SplitSearch.sorted((0..<categories).map { ($0, Double(value($0))) })
    let steps = min(growth.maxCatThreshold, categories) - 1
    func prefix(_ count: Int) -> BinSet {
      var set = BinSet.zero
      for bin in order.prefix(count) { set.insert(bin) }
      return set
    }
    var right = SIMD2<Int64>.zero
    for i in 0..<max(steps, 0) {
      right &+= sums[order[i]]
      consider(total &- right, missingLeft: true) { prefix(i + 1) }
    }
    // Rows of no known category are never members: they are on the left in both directions.
    var left = bins.hasOther ? sums[categories] : .zero
    for i in 0..<max(steps, 0) {
      left &+= sums[order[categories - 1 - i]]
      consider(left, missingLeft: false) { prefix(categories - 1 - i) }
    }
    return best
  }

  /// LightGBM's categorical splits (`FindBestThresholdCategoricalInner`): each category against the others while there
  /// are few, else prefixes from both ends of the frequent categories in order of G / (H + cat_smooth). Members go left.
  func bestPartitionLightGBM(
    sums: UnsafePointer<SIMD2<Int64>>, bins: FeatureBins, node: NodeSums, rule: FeatureRule,
    isSplittable: inout Bool
  ) -> SplitCandidate {
    isSplittable = false
    let gradient = gradientValue(node.gradient)
    let hessian = hessianValue(node.hessian) + 2 * SplitSearch.epsilon
    let rowsPerHessian = Double(node.rows) / hessian
    let whole = SplitSide(gradient: gradient, hessian: hessian, rows: node.rows)
    let floor =
      (growth.pathSmooth > 0
        ? gain(whole, value: node.output) : gain(gradient: gradient, hessian: hessian)) + gamma
    var best = SplitCandidate()
    var bestGain = -Double.infinity
    func rows(_ entry: SIMD2<Int64>) -> Int { Int(hessianValue(entry.y) * rowsPerHessian + 0.5) }
    func consider(_ left: SIMD2<Int64>, _ leftRows: Int, extraLambda: Double, members: () -> BinSet) {
      let own = SplitSide(
        gradient: gradientValue(left.x), hessian: hessianValue(left.y) + SplitSearch.epsilon, rows: leftRows)
      let other = SplitSide(
        gradient: gradient - own.gradient, hessian: hessian - own.hessian, rows: node.rows - leftRows)
      let current = splitGain(own, other, node, extraLambda: extraLambda)
      guard current > floor else { return }
      isSplittable = true
      guard current > bestGain else { return }
      bestGain = current
      best = SplitCandidate(
        gain: current - floor, feature: Int32(rule.feature), isCategorical: true, leftGradient: left.x,
        leftHessian: left.y, members: members(), extraLambda: extraLambda,
        leftRows: Int32(leftRows))
    }
    let categories = bins.codes.count
    let minimumRows = max(minDataInLeaf, 1)
    // LightGBM counts its bin of missing and rare values, which is always there.
    if categories + 1 <= growth.maxCatToOnehot {
      for bin in 0..<categories where rule.only < 0 || rule.only == bin {
        let count = rows(sums[bin])
        let own = hessianValue(sums[bin].y)
        guard count >= minimumRows, own >= minChildWeight, node.rows - count >= minimumRows,
          hessian - own - SplitSearch.epsilon >= minChildWeight
        else { continue }
        consider(sums[bin], count, extraLambda: 0) {
          var set = BinSet.zero
          set.insert(bin)
          return set
        }
      }
      return best
    }
    let order = SplitSearch.sorted(
      (0..<categories).filter { Double(rows(sums[$0])) >= growth.catSmooth }.map { bin in
        (bin, gradientValue(sums[bin].x) / (hessianValue(sums[bin].y) + growth.catSmooth))
      })
    let limit = min(growth.maxCatThreshold, (order.count + 1) / 2)
    let only = rule.only >= 0 && limit > 1 ? rule.only % (limit - 1) : -1
    for isForward in [true, false] {
      var left = SIMD2<Int64>.zero
      var leftRows = 0
      var groupRows = 0
      for i in 0..<min(order.count, limit) {
        let entry = sums[isForward ? order[i] : order[order.count - 1 - i]]
        left &+= entry
        leftRows += rows(entry)
        groupRows += rows(entry)
        let leftHessian = hessianValue(left.y) + SplitSearch.epsilon
        if leftRows < minimumRows || leftHessian < minChildWeight { continue }
        let rightRows = node.rows - leftRows
        if rightRows < minimumRows || rightRows < growth.minDataPerGroup
          || hessian - leftHessian < minChildWeight
        {
          break
        }
        if groupRows < growth.minDataPerGroup { continue }
        groupRows = 0
        if only >= 0, i != only { continue }
        consider(left, leftRows, extraLambda: growth.catL2) {
          var set = BinSet.zero
          for k in 0...i { set.insert(isForward ? order[k] : order[order.count - 1 - k]) }
          return set
        }
      }
    }
    return best
  }

  /// Bins in order of their keys, equal ones in their own order.
  private static func sorted(_ keyed: [(bin: Int, key: Double)]) -> [Int] {
    keyed.sorted { $0.key != $1.key ? $0.key < $1.key : $0.bin < $1.bin }.map(\.bin)
  }
}
