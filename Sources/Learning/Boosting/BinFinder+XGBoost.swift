extension BinFinder {
  /// XGBoost's cuts (`src/common/quantile.h`, `SetPrune` and `AddCutPoint`) on exact weighted ranks.
  ///
  /// With at most `maxBin` distinct values every value but the smallest is a cut; else the values at evenly spaced
  /// weighted ranks are.
  static func xgboostCuts(_ distinct: DistinctValues, maxBin: Int) -> [Float] {
    let values = distinct.values
    if values.count <= maxBin { return Array(values.dropFirst()) }
    var before: [Double] = [0]
    before.reserveCapacity(values.count + 1)
    for i in 0..<values.count {
      before.append(before[i] + (distinct.weights.isEmpty ? Double(distinct.counts[i]) : distinct.weights[i]))
    }
    // before[i] is the rank of the first row of value i (rmin), before[i + 1] that of its last (rmax).
    let begin = before[1]
    let range = before[values.count - 1] - begin
    let steps = maxBin
    var cuts: [Float] = []
    var i = 1
    for k in 1..<steps {
      let twice = 2 * (Double(k) * range / Double(steps) + begin)
      while i < values.count - 1, twice >= before[i + 1] + before[i + 2] { i += 1 }
      if i == values.count - 1 { break }
      let firstAfter = before[i] + weight(distinct, i)
      let lastBefore = before[i + 2] - weight(distinct, i + 1)
      let chosen = twice < firstAfter + lastBefore ? values[i] : values[i + 1]
      if cuts.last.map({ chosen > $0 }) ?? true { cuts.append(chosen) }
    }
    return cuts
  }

  private static func weight(_ distinct: DistinctValues, _ i: Int) -> Double {
    distinct.weights.isEmpty ? Double(distinct.counts[i]) : distinct.weights[i]
  }
}
