extension SplitSearch {
  /// Whether `bestLightGBM(scan:)` knows the gains: S(G)² / (H + lambda) without a penalty, a clip or a drawn threshold.
  @inline(__always)
  func hasVectorGains(_ rule: FeatureRule) -> Bool {
    isPlain && alpha == 0 && maxDeltaStep == 0 && rule.only < 0
  }

  /// The candidate that `bestLightGBM` finds, to the bit: legal candidates are gathered in one pass without divisions,
  /// then their gains are computed eight at a time.
  func bestLightGBM(
    sums: UnsafePointer<SIMD2<Int64>>, bins: FeatureBins, node: NodeSums, rule: FeatureRule, scan: ScanBuffer,
    isSplittable: inout Bool
  ) -> SplitCandidate {
    let whole = SplitSide(
      gradient: gradientValue(node.gradient), hessian: hessianValue(node.hessian) + 2 * SplitSearch.epsilon,
      rows: node.rows)
    let floor = gain(gradient: whole.gradient, hessian: whole.hessian) + gamma
    let twoBins = bins.bins == 2
    let skipsMissing = bins.hasMissing && !twoBins
    let last = bins.bins - 1
    isSplittable = false
    var best = SplitCandidate()
    var bestGain = -Double.infinity
    var count = gather(
      sums, from: last - (skipsMissing ? 1 : 0), by: -1, count: last - (skipsMissing ? 1 : 0), whole, scan)
    if let (place, gain) = largest(
      scan, count: count, whole, floor: floor, above: bestGain, isSplittable: &isSplittable)
    {
      bestGain = gain
      let right = scan.sums[place]
      best = SplitCandidate(
        gain: gain - floor, feature: Int32(rule.feature), bin: scan.bins[place] - 1,
        missingLeft: skipsMissing,
        leftGradient: node.gradient &- right.x, leftHessian: node.hessian &- right.y,
        leftRows: Int32(node.rows) - scan.rows[place])
    }
    if best.exists, bins.hasMissing, twoBins { best = presentLeft(best, bins, sums) }
    guard skipsMissing else { return best }
    count = gather(sums, from: 0, by: 1, count: last, whole, scan)
    if let (place, gain) = largest(
      scan, count: count, whole, floor: floor, above: bestGain, isSplittable: &isSplittable)
    {
      let left = scan.sums[place]
      best = SplitCandidate(
        gain: gain - floor, feature: Int32(rule.feature), bin: scan.bins[place], missingLeft: false,
        leftGradient: left.x, leftHessian: left.y, leftRows: scan.rows[place])
    }
    return best.exists && best.bin == Int32(bins.numericBins - 1) ? presentLeft(best, bins, sums) : best
  }

  /// Sums `count` bins one after another and keeps the sums that are legal sides of a split; returns how many.
  @inline(__always)
  private func gather(
    _ bins: UnsafePointer<SIMD2<Int64>>, from first: Int, by step: Int, count: Int, _ whole: SplitSide,
    _ scan: ScanBuffer
  ) -> Int {
    let rowsPerHessian = Double(whole.rows) / whole.hessian
    let minimumRows = max(minDataInLeaf, 1)
    let (gradients, hessians, sums) = (scan.gradients, scan.hessians, scan.sums)
    let (counts, places) = (scan.rows, scan.bins)
    var gradientSum: Int64 = 0
    var hessianSum: Int64 = 0
    var rows = 0
    var found = 0
    var b = first
    for _ in 0..<max(count, 0) {
      let entry = bins[b]
      gradientSum &+= entry.x
      hessianSum &+= entry.y
      rows &+= Int(hessianValue(entry.y) * rowsPerHessian + 0.5)
      let hessian = hessianValue(hessianSum) + SplitSearch.epsilon
      if rows >= minimumRows, hessian >= minChildWeight {
        if whole.rows - rows < minimumRows || whole.hessian - hessian < minChildWeight { break }
        gradients[found] = gradientValue(gradientSum)
        hessians[found] = hessian
        sums[found] = SIMD2(gradientSum, hessianSum)
        counts[found] = Int32(truncatingIfNeeded: rows)
        places[found] = Int32(truncatingIfNeeded: b)
        // An empty bin adds no candidate; what was written is written over.
        found &+= entry.x | entry.y == 0 ? 0 : 1
      }
      b &+= step
    }
    return found
  }

  /// The first candidate of the largest gain, if that is above `floor` and `above`.
  @inline(__always)
  private func largest(
    _ scan: ScanBuffer, count: Int, _ whole: SplitSide, floor: Double, above: Double, isSplittable: inout Bool
  ) -> (place: Int, gain: Double)? {
    if count == 0 { return nil }
    let lanes = SIMD8<Int64>(0, 1, 2, 3, 4, 5, 6, 7)
    var best = SIMD8<Double>(repeating: above)
    var places = SIMD8<Int64>(repeating: -1)
    var passes = SIMD8<Int64>.zero
    var start = 0
    while start < count {
      let g = UnsafeRawPointer(scan.gradients + start).loadUnaligned(as: SIMD8<Double>.self)
      let h = UnsafeRawPointer(scan.hessians + start).loadUnaligned(as: SIMD8<Double>.self)
      let otherG = whole.gradient - g
      let otherH = whole.hessian - h
      let gain = g * g / (h + lambda) + otherG * otherG / (otherH + lambda)
      let place = lanes &+ Int64(start)
      let isAbove = (place .< Int64(count)) .& .!(gain .<= floor)
      passes.replace(with: 1, where: isAbove)
      let isBetter = isAbove .& (gain .> best)
      best.replace(with: gain, where: isBetter)
      places.replace(with: place, where: isBetter)
      start &+= 8
    }
    if passes != .zero { isSplittable = true }
    var result: (place: Int, gain: Double)?
    for lane in 0..<8 where places[lane] >= 0 {
      let place = Int(places[lane])
      guard let known = result else {
        result = (place, best[lane])
        continue
      }
      if best[lane] > known.gain || (best[lane] == known.gain && place < known.place) {
        result = (place, best[lane])
      }
    }
    return result
  }
}
