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
  ///
  /// Bins of as many rows gain the same, so that the last borders hang on the order in which a heap hands out equals:
  /// CatBoost's is that of its standard library.
  private func greedy(_ count: Int, penalty: (Double) -> Double) -> [Float] {
    var heap = [bin(0, values.count, penalty)]
    heap.reserveCapacity(count + 1)
    while heap.count <= count, heap[0].split > 0 {
      let chosen = BorderSelection.pop(&heap)
      BorderSelection.push(bin(chosen.begin, chosen.split, penalty), &heap)
      BorderSelection.push(bin(chosen.split, chosen.end, penalty), &heap)
    }
    return heap.filter { $0.begin > 0 }.map { border(before: $0.begin) }
  }

  /// libc++'s `push_heap`: the new bin rises past smaller ones.
  private static func push(_ bin: Bin, _ heap: inout [Bin]) {
    heap.append(bin)
    rise(bin, from: heap.count - 1, &heap)
  }

  /// libc++'s `pop_heap`: the hole of the largest bin sinks to a leaf, always to the larger child and the first of equals, and
  /// the last bin rises from there.
  private static func pop(_ heap: inout [Bin]) -> Bin {
    let top = heap[0]
    let count = heap.count
    var hole = 0
    while 2 * hole + 1 < count {
      var child = 2 * hole + 1
      if child + 1 < count, heap[child].score < heap[child + 1].score { child += 1 }
      heap[hole] = heap[child]
      hole = child
    }
    let last = heap.removeLast()
    if hole < heap.count { rise(last, from: hole, &heap) }
    return top
  }

  private static func rise(_ bin: Bin, from place: Int, _ heap: inout [Bin]) {
    var place = place
    while place > 0, heap[(place - 1) / 2].score < bin.score {
      heap[place] = heap[(place - 1) / 2]
      place = (place - 1) / 2
    }
    heap[place] = bin
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
    // Equals are told apart by their last bit, so the terms are added in CatBoost's order.
    func score(_ split: Int) -> Double {
      guard split > begin, split < end else { return -.infinity }
      let left = -penalty(Double(ranks[split] - ranks[begin]))
      let right = -penalty(Double(ranks[end] - ranks[split]))
      return left + right + penalty(Double(total))
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
