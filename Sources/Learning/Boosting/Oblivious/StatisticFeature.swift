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
  /// What is counted, and the border or class of the target where there are several.
  enum Kind: Hashable, Sendable {
    /// Rows whose target class is above a border, of all rows of the category: CatBoost's `Borders`.
    case borders(target: Int)
    /// Rows of a target class, of all rows of the category: CatBoost's `Buckets`.
    case buckets(target: Int)
    /// The mean target class over the greatest one: CatBoost's `BinarizedTargetMeanValue`.
    case mean
    /// Rows of the category, of those of the most frequent one: CatBoost's `Counter`.
    case counter

    /// The kind without its border or class.
    var type: StatisticDescription.Kind {
      switch self {
      case .borders: .borders
      case .buckets: .buckets
      case .mean: .mean
      case .counter: .counter
      }
    }

    /// The border or class, 0 where there is one alone.
    var target: Int {
      switch self {
      case .borders(let target), .buckets(let target): target
      case .mean, .counter: 0
      }
    }

    /// Puts a kind together.
    init(_ type: StatisticDescription.Kind, target: Int) {
      switch type {
      case .borders: self = .borders(target: target)
      case .buckets: self = .buckets(target: target)
      case .mean: self = .mean
      case .counter: self = .counter
      }
    }
  }

  var projection: CategoryProjection
  var kind: Kind
  /// What is added to the numerator; 1 is added to the denominator.
  var prior: Float
  /// Which of the target's classes are counted; 0 of a counter.
  var classes = 0
  /// Number of borders on the value.
  var borders = 15

  /// What is added to the value so that it is not negative.
  var shift: Float { prior < 0 ? -prior : 0 }
  /// Length of the range of values.
  var range: Float { max(1, prior) - min(0, prior) }
  /// How counts become bins.
  var binning: Binning {
    Binning(kind: kind, prior: prior, shift: shift, range: range, steps: Float(borders))
  }

  /// What a value of prediction is compared with for a test of a bin: CatBoost's border is so much below the next bin that
  /// a value which is a whole number but for its rounding passes.
  static func border(bin: Int) -> Float { Float(bin) + 0.999999 }

  /// The bin of a value as prediction tests it.
  static func bin(predicted value: Float) -> Int {
    let whole = Int(value)
    return value > border(bin: whole) ? whole + 1 : whole
  }

  /// The numbers that make a bin of counts, without what they are counted of.
  struct Binning: Sendable {
    var kind: Kind
    var prior: Float
    var shift: Float
    var range: Float
    var steps: Float

    /// The value's bin: values are cut at equal steps of their range.
    @inline(__always)
    func bin(good: Float, total: Int32) -> UInt64 {
      let value = (good + prior) / (Float(total) + 1)
      return UInt64((value + shift) / range * steps)
    }
  }

  /// The features of a projection, in CatBoost's order, each once.
  ///
  /// - Parameter classes: which classes a description counts, and how many there are.
  static func all(
    of projection: CategoryProjection, _ descriptions: [StatisticDescription],
    classes: (StatisticDescription) -> (place: Int, count: Int)
  ) -> [StatisticFeature] {
    var result: [StatisticFeature] = []
    for description in descriptions {
      let (place, count) = classes(description)
      let targets: Int
      switch description.kind {
      case .borders: targets = count - 1
      case .buckets: targets = count
      case .mean, .counter: targets = 1
      }
      for target in 0..<targets {
        for prior in description.priors {
          let feature = StatisticFeature(
            projection: projection, kind: Kind(description.kind, target: target), prior: prior,
            classes: description.kind == .counter ? 0 : place, borders: description.borderCount)
          if !result.contains(feature) { result.append(feature) }
        }
      }
    }
    return result
  }
}
