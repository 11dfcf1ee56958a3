import Compute
import Glibc

/// The target as statistics of categories count it: a class for each row.
struct TargetClasses: Sendable {
  /// How a target that is a number is cut.
  struct Cut: Hashable, Sendable {
    var count: Int
    var type: StatisticDescription.TargetBorderType
  }

  /// (rows), 0 ..< `count`.
  let rows: [UInt8]
  /// Number of classes, those without a row included.
  let count: Int

  /// Classes as they are.
  init(rows: [UInt8], count: Int) {
    self.rows = rows
    self.count = count
  }

  /// Cuts labels at borders; a label is above a border if it is greater.
  init(labels: [Float], cut: Cut) {
    let borders = TargetClasses.borders(of: labels, cut: cut)
    rows = labels.map { label in
      var (low, high) = (0, borders.count)
      while low < high {
        let middle = (low + high) / 2
        if label > borders[middle] { low = middle + 1 } else { high = middle }
      }
      return UInt8(low)
    }
    count = borders.count + 1
  }

  /// At most `cut.count` borders, increasing.
  static func borders(of labels: [Float], cut: Cut) -> [Float] {
    let distinct = DistinctValues(column: labels, rows: nil, weights: nil)
    switch cut.type {
    case .minEntropy: return leastEntropy(distinct, count: cut.count)
    case .features(let type): return BorderSelection(distinct).borders(type, count: cut.count)
    }
  }

  /// The borders between neighbouring values that give the least Σ count log count over the classes.
  ///
  /// Dynamic programming class by class; the cost of a class is a convex function of its size, so the best beginning of
  /// the last class never moves left where its end moves right, and halving finds all of a row in O(values log values).
  private static func leastEntropy(_ distinct: DistinctValues, count: Int) -> [Float] {
    let values = distinct.values
    let classes = min(count, values.count - 1) + 1
    guard classes > 1 else { return [] }
    var ranks = [0]
    for count in distinct.counts { ranks.append((ranks.last ?? 0) + count) }
    func cost(_ begin: Int, _ end: Int) -> Double {
      let rows = Double(ranks[end] - ranks[begin])
      return rows * log(rows + 1e-8)
    }
    // best[end]: least cost of the values before `end` in so many classes; starts[class][end]: where the last one begins.
    var best = (0...values.count).map { $0 == 0 ? 0 : cost(0, $0) }
    var starts: [[Int]] = []
    for number in 2...classes {
      var next = [Double](repeating: .infinity, count: values.count + 1)
      var start = [Int](repeating: 0, count: values.count + 1)
      var pending = [(low: number, high: values.count, first: number - 1, last: values.count - 1)]
      while let span = pending.popLast() {
        guard span.low <= span.high else { continue }
        let end = (span.low + span.high) / 2
        for begin in span.first...max(span.first, min(span.last, end - 1)) {
          let total = best[begin] + cost(begin, end)
          if total < next[end] {
            next[end] = total
            start[end] = begin
          }
        }
        pending.append((span.low, end - 1, span.first, start[end]))
        pending.append((end + 1, span.high, start[end], span.last))
      }
      best = next
      starts.append(start)
    }
    var borders: [Float] = []
    var end = values.count
    for start in starts.reversed() {
      end = start[end]
      borders.append(0.5 * values[end - 1] + 0.5 * values[end])
    }
    return borders.reversed()
  }
}
