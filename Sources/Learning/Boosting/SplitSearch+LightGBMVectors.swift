extension SplitSearch {
  /// Whether `bestLightGBM(scan:)` knows the gains: S(G)² / (H + lambda) without a penalty, a clip or a drawn threshold.
  @inline(__always)
  func hasVectorGains(_ rule: FeatureRule) -> Bool {
    isPlain && alpha == 0 && maxDeltaStep == 0 && rule.only < 0
  }

  /// The candidate that `bestLightGBM` finds, to the bit: candidates are gathered in one pass over integers, then their
  /// gains are compared eight at a time.
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
    estimateRows(sums, count: bins.bins, whole, scan)
    var count = gather(
      sums, from: last - (skipsMissing ? 1 : 0), by: -1, count: last - (skipsMissing ? 1 : 0), whole, scan)
    if let (place, gain) = largest(
      scan, count: count, whole, floor: floor, above: bestGain, isSplittable: &isSplittable)
    {
      bestGain = gain
      best = SplitCandidate(
        gain: gain - floor, feature: Int32(rule.feature), bin: scan.bins[place] - 1,
        missingLeft: skipsMissing, leftGradient: node.gradient &- scan.gradients[place],
        leftHessian: node.hessian &- scan.hessians[place],
        leftRows: Int32(node.rows) - scan.rows[place])
    }
    if best.exists, bins.hasMissing, twoBins { best = presentLeft(best, bins, sums) }
    guard skipsMissing else { return best }
    count = gather(sums, from: 0, by: 1, count: last, whole, scan)
    if let (place, gain) = largest(
      scan, count: count, whole, floor: floor, above: bestGain, isSplittable: &isSplittable)
    {
      best = SplitCandidate(
        gain: gain - floor, feature: Int32(rule.feature), bin: scan.bins[place], missingLeft: false,
        leftGradient: scan.gradients[place], leftHessian: scan.hessians[place], leftRows: scan.rows[place])
    }
    return best.exists && best.bin == Int32(bins.numericBins - 1) ? presentLeft(best, bins, sums) : best
  }

  /// Estimates each bin's rows by its share of the hessians.
  @inline(__always)
  private func estimateRows(
    _ bins: UnsafePointer<SIMD2<Int64>>, count: Int, _ whole: SplitSide, _ scan: ScanBuffer
  ) {
    let rowsPerHessian = Double(whole.rows) / whole.hessian
    let shift = SIMD8<Double>(repeating: 0x1p52)
    let offset = SIMD8<Int64>(repeating: Int64(bitPattern: (0x1p52 as Double).bitPattern))
    var b = 0
    while b + 8 <= count {
      let hessians = UnsafeRawPointer(bins + b).loadUnaligned(as: SIMD16<Int64>.self).oddHalf
      let rows = SIMD8<Double>(hessians) * hessianStep * rowsPerHessian + 0.5
      // The bits of a number in 2^52 ..< 2^53 count in ones; a mask is a vector of 0 and -1.
      let shifted = rows + shift
      let isAbove = shifted - shift .> rows
      let whole = unsafeBitCast(shifted, to: SIMD8<Int64>.self) &- offset
      UnsafeMutableRawPointer(scan.estimates + b).storeBytes(
        of: whole &+ unsafeBitCast(isAbove, to: SIMD8<Int64>.self), as: SIMD8<Int64>.self)
      b &+= 8
    }
    while b < count {
      scan.estimates[b] = Int64(hessianValue(bins[b].y) * rowsPerHessian + 0.5)
      b &+= 1
    }
  }

  /// Sums `count` bins one after another and keeps the sums that leave rows enough on both sides; returns how many.
  @inline(__always)
  private func gather(
    _ bins: UnsafePointer<SIMD2<Int64>>, from first: Int, by step: Int, count: Int, _ whole: SplitSide,
    _ scan: ScanBuffer
  ) -> Int {
    let leastRows = Int64(max(minDataInLeaf, 1))
    let mostRows = Int64(whole.rows) - leastRows
    let (gradients, hessians, estimates) = (scan.gradients, scan.hessians, scan.estimates)
    let (counts, places) = (scan.rows, scan.bins)
    var gradient: Int64 = 0
    var hessian: Int64 = 0
    var rows: Int64 = 0
    var found = 0
    var b = first
    for _ in 0..<max(count, 0) {
      let entry = bins[b]
      gradient &+= entry.x
      hessian &+= entry.y
      rows &+= estimates[b]
      if rows >= leastRows {
        if rows > mostRows { break }
        gradients[found] = gradient
        hessians[found] = hessian
        counts[found] = Int32(truncatingIfNeeded: rows)
        places[found] = Int32(truncatingIfNeeded: b)
        // An empty bin adds no candidate; what was written is written over.
        found &+= entry.x | entry.y == 0 ? 0 : 1
      }
      b &+= step
    }
    return found
  }

  /// The first candidate of the largest gain, if that is above `floor` and `above`, among those with hessians enough.
  ///
  /// A product tells whether a gain can be above the best one so far; only then is it worth two divisions.
  @inline(__always)
  private func largest(
    _ scan: ScanBuffer, count: Int, _ whole: SplitSide, floor: Double, above: Double, isSplittable: inout Bool
  ) -> (place: Int, gain: Double)? {
    if count == 0 { return nil }
    // Lanes beyond the last candidate repeat it, which comes first.
    for lane in count..<count + 7 {
      scan.gradients[lane] = scan.gradients[count - 1]
      scan.hessians[lane] = scan.hessians[count - 1]
    }
    // Comparisons with a vector, because those with a number may become loops.
    let leastHessian = SIMD8<Double>(repeating: minChildWeight)
    let none = SIMD8<Double>(repeating: -.infinity)
    var best = max(floor, above)
    var found = -1
    var start = 0
    while start < count {
      let gradients = UnsafeRawPointer(scan.gradients + start).loadUnaligned(as: SIMD8<Int64>.self)
      let hessians = UnsafeRawPointer(scan.hessians + start).loadUnaligned(as: SIMD8<Int64>.self)
      let g = SIMD8<Double>(gradients) * gradientStep
      let h = SIMD8<Double>(hessians) * hessianStep + SplitSearch.epsilon
      let otherG = whole.gradient - g
      let otherH = whole.hessian - h
      let own = h + lambda
      let other = otherH + lambda
      // So much slack that no rounding makes a difference.
      let bound = (g * g * other + otherG * otherG * own) * (1 + 1e-12)
      let isWorth = (h .>= leastHessian) .& (otherH .>= leastHessian) .& (bound .>= own * other * best)
      if SplitSearch.any(isWorth) {
        let gain = none.replacing(with: g * g / own + otherG * otherG / other, where: isWorth)
        let top = SplitSearch.largest(gain)
        // Nothing divided by nothing is no gain, but not the lack of one either.
        if top > floor || gain != gain { isSplittable = true }
        if top > best {
          var lane = 0
          while gain[lane] != top { lane += 1 }
          best = top
          found = start + lane
        }
      }
      start &+= 8
    }
    return found < 0 ? nil : (found, best)
  }

  @inline(__always)
  private static func any(_ mask: SIMDMask<SIMD8<Int64>>) -> Bool {
    // A mask is a vector of 0 and -1.
    let bits = unsafeBitCast(mask, to: SIMD8<Int64>.self)
    let four = bits.lowHalf | bits.highHalf
    let two = four.lowHalf | four.highHalf
    return two.x | two.y != 0
  }

  /// The largest lane that is a number.
  @inline(__always)
  private static func largest(_ x: SIMD8<Double>) -> Double {
    let least = SIMD8<Double>(repeating: -.infinity)
    let numbers = least.replacing(with: x, where: x .> least)
    let four = numbers.lowHalf.replacing(with: numbers.highHalf, where: numbers.highHalf .> numbers.lowHalf)
    let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
    return max(two.x, two.y)
  }
}
