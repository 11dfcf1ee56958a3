import Glibc

/// Chooses the borders of a numeric feature from its sorted distinct values, as CatBoost does.
///
/// A row is above a border if its value is greater. Borders lie midway between neighbouring values.
struct BorderSelection {
  private let values: [Float]
  /// Rows before each value, and last the number of rows.
  private let ranks: [Int]

  init(_ distinct: DistinctValues) {
    values = distinct.values
    var ranks = [0]
    ranks.reserveCapacity(distinct.counts.count + 1)
    for count in distinct.counts { ranks.append((ranks.last ?? 0) + count) }
    self.ranks = ranks
  }

  /// At most `count` increasing borders.
  func borders(_ type: ObliviousConfiguration.BorderType, count: Int) -> [Float] {
    guard values.count > 1, count > 0 else { return [] }
    let borders: [Float]
    switch type {
    case .greedyLogSum: borders = greedy(count) { -log($0 + 1e-8) }
    case .greedyMinEntropy: borders = greedy(count) { $0 * log($0 + 1e-8) }
    case .median: borders = median(count)
    case .uniform: borders = uniform(count)
    case .uniformAndQuantiles: borders = median(count - count / 2) + snapped(uniform(count / 2))
    }
    return Set(borders).sorted()
  }

  /// The border between the values before and from a distinct value.
  private func border(before index: Int) -> Float { 0.5 * values[index - 1] + 0.5 * values[index] }

  private struct Bin {
    var begin: Int
    var end: Int
    var split: Int
    var score: Double
  }

  /// Splits the bin whose best split near its median gains most, until there are enough.
  private func greedy(_ count: Int, penalty: (Double) -> Double) -> [Float] {
    var bins = [bin(0, values.count, penalty)]
    var borders: [Float] = []
    while borders.count < count {
      var best = -1
      for i in bins.indices where bins[i].split > 0 && (best < 0 || bins[i].score > bins[best].score) {
        best = i
      }
      guard best >= 0 else { break }
      let chosen = bins[best]
      borders.append(border(before: chosen.split))
      bins[best] = bin(chosen.begin, chosen.split, penalty)
      bins.append(bin(chosen.split, chosen.end, penalty))
    }
    return borders
  }

  /// The bin of the distinct values `begin ..< end` with the better of the splits beside its median row; split 0 if
  /// it has one value only.
  private func bin(_ begin: Int, _ end: Int, _ penalty: (Double) -> Double) -> Bin {
    let total = ranks[end] - ranks[begin]
    let middle = ranks[begin] + total / 2
    var low = begin
    var high = end - 1
    while low < high {
      let half = (low + high + 1) / 2
      if ranks[half] <= middle { low = half } else { high = half - 1 }
    }
    func score(_ split: Int) -> Double {
      guard split > begin, split < end else { return -.infinity }
      let left = Double(ranks[split] - ranks[begin])
      let right = Double(ranks[end] - ranks[split])
      return penalty(Double(total)) - penalty(left) - penalty(right)
    }
    let below = score(low)
    let above = score(low + 1)
    let best = max(below, above)
    return Bin(
      begin: begin, end: end, split: best == -.infinity ? 0 : below >= above ? low : low + 1, score: best)
  }

  private func median(_ count: Int) -> [Float] {
    let total = ranks[values.count]
    var result: [Float] = []
    var index = 0
    for i in 0..<count {
      // 128-bit arithmetic is not needed: rows are below 2^31 and borders below 2^8.
      let rank = (i + 1) * total / (count + 1)
      while index + 1 < values.count, ranks[index + 1] <= rank { index += 1 }
      if index > 0 { result.append(border(before: index)) }
    }
    return result
  }

  private func uniform(_ count: Int) -> [Float] {
    let low = Double(values[0])
    let width = Double(values[values.count - 1]) - low
    guard width.isFinite else { return median(count) }
    return (0..<count).map { Float(low + Double($0 + 1) * width / Double(count + 1)) }
  }

  /// Moves borders midway between the values on either side.
  private func snapped(_ borders: [Float]) -> [Float] {
    borders.compactMap { border in
      guard let index = values.firstIndex(where: { $0 > border }), index > 0 else { return nil }
      return self.border(before: index)
    }
  }
}
