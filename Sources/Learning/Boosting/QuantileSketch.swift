/// XGBoost's weighted quantile sketch of one column (release 3.2, `src/common/quantile.h`).
///
/// Values are gathered in a queue; a full queue becomes a summary of ranks in single precision, is pruned to a limited
/// size and merged upwards through levels (Greenwald & Khanna, SIGMOD 2001; Chen & Guestrin, appendix A). Followed
/// step by step, so that the cuts are XGBoost's own: near-equal gains in a tree turn on single cut points.
struct QuantileSketch {
  /// A value with the smallest and largest rank it can have.
  struct Entry {
    var lowest: Float
    var highest: Float
    var weight: Float
    var value: Float
    var nextLowest: Float { lowest + weight }
    var previousHighest: Float { highest - weight }
  }

  /// How many times more values than bins the inner summaries hold.
  private static let factor = 8

  private let limit: Int
  private let budget: Int
  private let maxBin: Int
  private var levels: [[Entry]] = []
  private var queue: [Float] = []
  private var queueWeights: [Float] = []
  private let isWeighted: Bool
  private var queued = 0

  /// - Parameters:
  ///   - present: number of values that will come.
  ///   - maxBin: number of bins wanted.
  ///   - isWeighted: whether values have weights.
  init(present: Int, maxBin: Int, isWeighted: Bool) {
    let bins = max(1, min(present, maxBin))
    let perLevel = bins * QuantileSketch.factor
    var level = 1
    var size = 1
    while true {
      size = min(present, level * perLevel + 1)
      if size << level >= present { break }
      level += 1
    }
    limit = max(size, 1)
    budget = min(present, maxBin * QuantileSketch.factor)
    self.maxBin = bins
    self.isWeighted = isWeighted
  }

  /// Takes one value.
  mutating func push(_ value: Float, weight: Float = 1) {
    if isWeighted, weight == 0 { return }
    if queue.isEmpty || queue[queue.count - 1] != value {
      if queued == limit * 2 { flush() }
      queued += 1
    }
    queue.append(value)
    if isWeighted { queueWeights.append(weight) }
  }

  private mutating func takeQueue() -> [Entry] {
    defer {
      queue.removeAll(keepingCapacity: true)
      queueWeights.removeAll(keepingCapacity: true)
      queued = 0
    }
    return QuantileSketch.summary(
      of: DistinctValues(column: queue, rows: nil, weights: isWeighted ? queueWeights : nil))
  }

  /// The exact summary of sorted values.
  private static func summary(of distinct: DistinctValues) -> [Entry] {
    var rank: Float = 0
    return distinct.values.indices.map { i in
      let weight = distinct.weights.isEmpty ? Float(distinct.counts[i]) : Float(distinct.weights[i])
      defer { rank += weight }
      return Entry(lowest: rank, highest: rank + weight, weight: weight, value: distinct.values[i])
    }
  }

  private mutating func flush() {
    var carried = takeQueue()
    var level = 0
    while true {
      if level == levels.count { levels.append([]) }
      if levels[level].isEmpty {
        levels[level] = QuantileSketch.pruned(carried, to: limit)
        return
      }
      carried = QuantileSketch.combined(QuantileSketch.pruned(carried, to: limit), levels[level])
      if carried.count <= limit {
        levels[level] = carried
        return
      }
      levels[level] = []
      level += 1
    }
  }

  /// The cuts of the values taken: all but the smallest value, or the values at evenly spaced ranks.
  mutating func cuts() -> [Float] {
    var summary = QuantileSketch.pruned(takeQueue(), to: limit)
    for level in levels where !level.isEmpty {
      summary =
        summary.isEmpty
        ? level : QuantileSketch.pruned(QuantileSketch.combined(summary, level), to: limit)
    }
    summary = QuantileSketch.pruned(QuantileSketch.pruned(summary, to: budget), to: maxBin + 1)
    var cuts: [Float] = []
    for entry in summary.prefix(maxBin).dropFirst() where cuts.last.map({ entry.value > $0 }) ?? true {
      cuts.append(entry.value)
    }
    return cuts
  }

  /// The smallest and largest entry and those nearest to evenly spaced ranks between them.
  private static func pruned(_ source: [Entry], to size: Int) -> [Entry] {
    guard source.count > size, let first = source.first, let last = source.last else { return source }
    if size < 2 { return [first] }
    let begin = first.highest
    let range = last.lowest - first.highest
    let steps = size - 1
    let end = source.count - 1
    var result = [first]
    result.reserveCapacity(size)
    var i = 1
    var taken = 0
    for k in 1..<max(steps, 1) {
      let twice = 2 * (Float(k) * range / Float(steps) + begin)
      while i < end, twice >= source[i + 1].highest + source[i + 1].lowest { i += 1 }
      if i == end { break }
      let chosen = twice < source[i].nextLowest + source[i + 1].previousHighest ? i : i + 1
      if chosen != taken {
        result.append(source[chosen])
        taken = chosen
      }
    }
    if taken != end { result.append(last) }
    return result
  }

  /// The summary of two summaries' rows together.
  private static func combined(_ a: [Entry], _ b: [Entry]) -> [Entry] {
    guard let lastA = a.last else { return b }
    guard let lastB = b.last else { return a }
    var result: [Entry] = []
    result.reserveCapacity(a.count + b.count)
    var (i, j) = (0, 0)
    var lowestA: Float = 0
    var lowestB: Float = 0
    while i < a.count || j < b.count {
      if i < a.count, j < b.count, a[i].value == b[j].value {
        result.append(
          Entry(
            lowest: a[i].lowest + b[j].lowest, highest: a[i].highest + b[j].highest,
            weight: a[i].weight + b[j].weight, value: a[i].value))
        lowestA = a[i].nextLowest
        lowestB = b[j].nextLowest
        i += 1
        j += 1
      } else if j == b.count || (i < a.count && a[i].value < b[j].value) {
        let above = j == b.count ? lastB.highest : b[j].previousHighest
        result.append(
          Entry(
            lowest: a[i].lowest + lowestB, highest: a[i].highest + above, weight: a[i].weight,
            value: a[i].value))
        lowestA = a[i].nextLowest
        i += 1
      } else {
        let above = i == a.count ? lastA.highest : a[i].previousHighest
        result.append(
          Entry(
            lowest: b[j].lowest + lowestA, highest: b[j].highest + above, weight: b[j].weight,
            value: b[j].value))
        lowestB = b[j].nextLowest
        j += 1
      }
    }
    restoreOrder(&result)
    return result
  }

  /// Undoes what rounding may have done to the order of ranks.
  private static func restoreOrder(_ entries: inout [Entry]) {
    var lowest: Float = 0
    var highest: Float = 0
    for i in entries.indices {
      if entries[i].lowest < lowest { entries[i].lowest = lowest } else { lowest = entries[i].lowest }
      if entries[i].highest < highest { entries[i].highest = highest }
      if entries[i].highest < entries[i].nextLowest { entries[i].highest = entries[i].nextLowest }
      highest = entries[i].highest
    }
  }
}
