import Trees

extension BinFinder {
  /// Values this close to zero share the zero bin.
  private static let zeroThreshold = 1e-35

  /// LightGBM's cuts (`src/io/bin.cpp`, `FindBinWithZeroAsOneBin`): zero has a bin of its own, negative and positive
  /// values share the others in proportion to their counts.
  static func lightgbmCuts(_ distinct: DistinctValues, maxBin: Int, minDataInBin: Int) -> [Float] {
    let values = distinct.values.map(Double.init)
    let counts = distinct.counts
    let negatives = values.firstIndex { $0 > -zeroThreshold } ?? values.count
    let positives = values.firstIndex { $0 > zeroThreshold } ?? values.count
    let negativeRows = counts[..<negatives].reduce(0, +)
    let positiveRows = counts[positives...].reduce(0, +)
    var bounds: [Double] = []
    if negatives > 0, maxBin > 1 {
      let share = Double(negativeRows) / Double(negativeRows + positiveRows) * Double(maxBin - 1)
      bounds = greedyBounds(
        values[..<negatives], counts[..<negatives], maxBin: max(1, Int(share)), minDataInBin: minDataInBin)
      bounds[bounds.count - 1] = -zeroThreshold
    }
    let room = maxBin - 1 - bounds.count
    if positives < values.count, room > 0 {
      bounds.append(zeroThreshold)
      bounds += greedyBounds(
        values[positives...], counts[positives...], maxBin: room, minDataInBin: minDataInBin)
    } else {
      bounds.append(.infinity)
    }
    // The last bound is infinity: every present value lies below it.
    var cuts: [Float] = []
    for bound in bounds.dropLast() {
      let cut = Forest.threshold(lessOrEqual: bound)
      if cuts.last.map({ cut > $0 }) ?? true { cuts.append(cut) }
    }
    return cuts
  }

  /// `GreedyFindBin`: bins of about equal counts, with values of large counts alone in theirs.
  private static func greedyBounds(
    _ valueSlice: ArraySlice<Double>, _ countSlice: ArraySlice<Int>, maxBin limit: Int, minDataInBin: Int
  ) -> [Double] {
    let values = Array(valueSlice)
    let counts = Array(countSlice)
    var bounds: [Double] = []
    func close(between a: Double, and b: Double) -> Bool {
      let bound = ((a + b) / 2).nextUp
      if let last = bounds.last, bound <= last.nextUp { return false }
      bounds.append(bound)
      return true
    }
    if values.count <= limit {
      var inBin = 0
      for i in 0..<values.count - 1 {
        inBin += counts[i]
        if inBin >= minDataInBin, close(between: values[i], and: values[i + 1]) { inBin = 0 }
      }
      return bounds + [.infinity]
    }
    let total = counts.reduce(0, +)
    let maxBin = max(1, min(limit, total / max(minDataInBin, 1)))
    var mean = Double(total) / Double(maxBin)
    let isBig = counts.map { Double($0) >= mean }
    var restBins = maxBin - isBig.count { $0 }
    var restRows = total - zip(counts, isBig).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
    mean = Double(restRows) / Double(restBins)
    var uppers: [Double] = []
    var lowers = [values[0]]
    var inBin = 0
    for i in 0..<values.count - 1 where uppers.count < maxBin - 1 {
      if !isBig[i] { restRows -= counts[i] }
      inBin += counts[i]
      let full = Double(inBin) >= mean
      guard isBig[i] || full || (isBig[i + 1] && Double(inBin) >= max(1, mean * 0.5)) else { continue }
      uppers.append(values[i])
      lowers.append(values[i + 1])
      inBin = 0
      if !isBig[i] {
        restBins -= 1
        mean = Double(restRows) / Double(restBins)
      }
    }
    for i in 0..<uppers.count { _ = close(between: uppers[i], and: lowers[i + 1]) }
    return bounds + [.infinity]
  }
}
