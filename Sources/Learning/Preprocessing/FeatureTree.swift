/// A regression or classification tree over one feature, grown best split first as scikit-learn's with `max_leaf_nodes`.
struct FeatureTree {
  /// A node's rows, a range of the sorted ones, and its best split.
  private struct Node {
    var rows: Range<Int>
    /// The first row of the right child.
    var place: Int
    /// How far the split lowers the impurity of all rows.
    var gain: Double
    var threshold: Float
  }

  /// Values closer than this are not parted.
  private static let resolution: Float = 1e-7
  /// What rounding may take from a gain without making its split worthless.
  private static let rounding = Double.ulpOfOne

  private let values: [Float]
  private let configuration: FeatureBins.TreeConfiguration
  private let moments: Moments

  /// A tree over the rows of a column.
  init(_ column: [Float], _ targets: FeatureBins.Targets, _ configuration: FeatureBins.TreeConfiguration) {
    let order = column.indices.sorted { column[$0] == column[$1] ? $0 < $1 : column[$0] < column[$1] }
    values = order.map { column[$0] }
    moments = Moments(targets, order)
    self.configuration = configuration
  }

  /// The thresholds of a tree with at most so many leaves, in no order.
  mutating func thresholds(leaves: Int) -> [Float] {
    var frontier: [Node] = []
    if let root = split(values.indices) { frontier.append(root) }
    var thresholds: [Float] = []
    while thresholds.count < leaves - 1,
      let best = frontier.indices.max(by: { frontier[$0].gain < frontier[$1].gain })
    {
      let node = frontier.remove(at: best)
      thresholds.append(node.threshold)
      for child in [node.rows.lowerBound..<node.place, node.place..<node.rows.upperBound] {
        if let split = split(child) { frontier.append(split) }
      }
    }
    return thresholds
  }

  /// The best split of some rows; nil for a leaf.
  private func split(_ rows: Range<Int>) -> Node? {
    let least = configuration.minSamplesLeaf
    guard rows.count >= 2 * least, rows.count >= 2,
      moments.impurity(rows) > FeatureTree.rounding
    else { return nil }
    var best: (place: Int, score: Double)?
    for place in rows.dropFirst() where values[place] > values[place - 1] + FeatureTree.resolution {
      let (left, right) = (rows.lowerBound..<place, place..<rows.upperBound)
      guard left.count >= least, right.count >= least else { continue }
      let score = moments.concentration(left) + moments.concentration(right)
      if score > best?.score ?? -.infinity { best = (place, score) }
    }
    guard let best else { return nil }
    let (left, right) = (rows.lowerBound..<best.place, best.place..<rows.upperBound)
    let gain =
      (Double(rows.count) * moments.impurity(rows) - Double(left.count) * moments.impurity(left)
        - Double(right.count) * moments.impurity(right)) / Double(values.count)
    guard gain + FeatureTree.rounding >= configuration.minImpurityDecrease else { return nil }
    let (below, above) = (values[best.place - 1], values[best.place])
    return Node(
      rows: rows, place: best.place, gain: gain, threshold: Float(Double(below) / 2 + Double(above) / 2))
  }
}

/// Sums of the targets of any range of sorted rows, from running totals.
private struct Moments {
  /// Sums of the numbers in front of each row, or counts of each class, row-major (row, class).
  private var totals: [Double]
  /// Sums of the squares of numbers in front of each row; empty for classes.
  private var squares: [Double]
  private let width: Int

  init(_ targets: FeatureBins.Targets, _ order: [Int]) {
    switch targets {
    case .numbers(let numbers):
      width = 1
      totals = [0]
      squares = [0]
      for row in order {
        let y = Double(numbers[row])
        totals.append(totals[totals.count - 1] + y)
        squares.append(squares[squares.count - 1] + y * y)
      }
    case .classes(let classes, let count):
      width = count
      squares = []
      totals = Array(repeating: 0, count: count)
      for row in order {
        totals += totals.suffix(count)
        totals[totals.count - count + Int(classes[row])] += 1
      }
    }
  }

  /// Σ (sum of a class or of the numbers)² / rows: the larger, the purer the rows.
  func concentration(_ rows: Range<Int>) -> Double {
    var sum = 0.0
    for index in 0..<width {
      let total = totals[rows.upperBound * width + index] - totals[rows.lowerBound * width + index]
      sum += total * total
    }
    return sum / Double(rows.count)
  }

  /// The variance of the numbers, or the Gini impurity of the classes.
  func impurity(_ rows: Range<Int>) -> Double {
    let count = Double(rows.count)
    let whole = squares.isEmpty ? count : squares[rows.upperBound] - squares[rows.lowerBound]
    return (whole - concentration(rows)) / count
  }
}
