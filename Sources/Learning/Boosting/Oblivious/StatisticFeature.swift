/// Categorical columns, and tests of the tree so far, whose combination of values counts as one category.
struct CategoryProjection: Hashable, Sendable {
  /// Columns of the table, increasing.
  var columns: [Int]
  /// Tests of data set features, in the order of `ordered`.
  var tests: [ObliviousSplit] = []

  /// Number of parts, all tests together counting as one.
  var complexity: Int { columns.count + (tests.isEmpty ? 0 : 1) }

  /// The projection with one more column, nil if it has that column already.
  func adding(_ column: Int) -> CategoryProjection? {
    if columns.contains(column) { return nil }
    return CategoryProjection(columns: (columns + [column]).sorted(), tests: tests)
  }

  /// Tests of data set features in one order, each once.
  static func ordered(_ tests: [ObliviousSplit]) -> [ObliviousSplit] {
    func key(_ test: ObliviousSplit) -> (Int, Int) {
      if case .feature(let feature) = test.source { return (feature, test.bin) }
      return (Int.max, test.bin)
    }
    var result: [ObliviousSplit] = []
    for test in tests.sorted(by: { key($0) < key($1) }) where result.last != test { result.append(test) }
    return result
  }
}

/// A number that stands for a category: a share of target classes, or a frequency.
struct StatisticFeature: Hashable, Sendable {
  /// What is counted.
  enum Kind: Hashable, Sendable {
    /// Rows whose target class is above a border, of all rows of the category: CatBoost's `Borders`.
    case borders(target: Int)
    /// Rows of the category, of those of the most frequent one: CatBoost's `Counter`.
    case counter
  }

  var projection: CategoryProjection
  var kind: Kind
  /// What is added to the numerator; 1 is added to the denominator.
  var prior: Float

  /// Number of borders on the value.
  static let borders = 15

  /// The value's bin: values are cut at `borders` equal steps of [0, 1].
  static func bin(count: Int32, total: Int32, prior: Float) -> UInt64 {
    let value = (Float(count) + prior) / (Float(total) + 1)
    // All priors lie in [0, 1], so values do too.
    return UInt64(value * Float(borders))
  }

  /// The features of a projection, in CatBoost's order, for so many target classes.
  static func all(of projection: CategoryProjection, classes: Int) -> [StatisticFeature] {
    var result: [StatisticFeature] = []
    for target in 0..<classes - 1 {
      for prior: Float in [0, 0.5, 1] {
        result.append(StatisticFeature(projection: projection, kind: .borders(target: target), prior: prior))
      }
    }
    result.append(StatisticFeature(projection: projection, kind: .counter, prior: 0))
    return result
  }
}
