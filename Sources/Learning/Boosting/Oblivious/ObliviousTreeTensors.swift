import Diagnostics
import Trees

/// Trees with their tests as flat arrays by name, for files.
///
/// A test's source is a feature of the data set, or -1 minus the place of a statistic in a list of all that occur.
enum ObliviousTreeTensors {
  /// The arrays of trees, without empty ones.
  static func make(of trees: [ObliviousTree]) -> [(name: String, values: ForestTensor)] {
    var places: [StatisticFeature: Int] = [:]
    var statistics: [StatisticFeature] = []
    func source(_ split: ObliviousSplit) -> Int {
      switch split.source {
      case .feature(let feature): return feature
      case .statistic(let statistic):
        if let place = places[statistic] { return -1 - place }
        places[statistic] = statistics.count
        statistics.append(statistic)
        return -statistics.count
      }
    }
    let splits = trees.flatMap(\.splits)
    let sources = splits.map(source)
    let tests = statistics.flatMap(\.projection.tests)
    let arrays: [(String, ForestTensor)] = [
      ("tree_levels", integers(trees.map(\.splits.count))),
      ("split_source", integers(sources)), ("split_bin", integers(splits.map(\.bin))),
      ("split_equality", integers(splits.map { $0.isEquality ? 1 : 0 })),
      ("leaf_value", .float64(trees.flatMap(\.values))), ("leaf_weight", .float64(trees.flatMap(\.weights))),
      ("leaf_count", .int32(trees.flatMap(\.counts))),
      ("statistic_columns", integers(statistics.map(\.projection.columns.count))),
      ("statistic_column", integers(statistics.flatMap(\.projection.columns))),
      ("statistic_tests", integers(statistics.map(\.projection.tests.count))),
      ("test_source", integers(tests.map(source))), ("test_bin", integers(tests.map(\.bin))),
      ("test_equality", integers(tests.map { $0.isEquality ? 1 : 0 })),
      ("statistic_target", integers(statistics.map(target))),
      ("statistic_prior", .float32(statistics.map(\.prior))),
    ]
    return arrays.filter { $1.count > 0 }
  }

  /// Puts trees together again; whether they fit a data set is for its session to say.
  /// - Throws: `TernError(.data)` for arrays that do not fit each other.
  static func trees(_ tensors: [String: ForestTensor]) throws(TernError) -> [ObliviousTree] {
    guard let statistics = statistics(tensors), let levels = integers("tree_levels", tensors),
      levels.allSatisfy({ 0...16 ~= $0 }),
      let splits = splits("split", tensors, statistics: statistics),
      case .float64(let values)? = tensors["leaf_value"],
      case .float64(let weights)? = tensors["leaf_weight"], case .int32(let counts)? = tensors["leaf_count"],
      counts.count > 0, counts.count == weights.count, values.count % counts.count == 0
    else { throw broken }
    let outputs = values.count / counts.count
    var trees: [ObliviousTree] = []
    var (split, leaf) = (0, 0)
    for depth in levels {
      let leaves = 1 << depth
      guard depth <= splits.count - split, leaves <= counts.count - leaf else { throw broken }
      trees.append(
        ObliviousTree(
          splits: Array(splits[split..<split + depth]),
          values: Array(values[leaf * outputs..<(leaf + leaves) * outputs]),
          weights: Array(weights[leaf..<leaf + leaves]), counts: Array(counts[leaf..<leaf + leaves])))
      split += depth
      leaf += leaves
    }
    guard split == splits.count, leaf == counts.count else { throw broken }
    return trees
  }

  private static var broken: TernError {
    TernError(.data, "the arrays of the trees do not fit each other", key: "tree_levels")
  }

  private static func statistics(_ tensors: [String: ForestTensor]) -> [StatisticFeature]? {
    guard let columnCounts = integers("statistic_columns", tensors),
      let columns = integers("statistic_column", tensors),
      let testCounts = integers("statistic_tests", tensors), testCounts.count == columnCounts.count,
      let tests = splits("test", tensors, statistics: []),
      let targets = integers("statistic_target", tensors), targets.count == columnCounts.count
    else { return nil }
    var priors: [Float] = []
    if case .float32(let values)? = tensors["statistic_prior"] { priors = values }
    guard priors.count == targets.count else { return nil }
    var (column, test) = (0, 0)
    var result: [StatisticFeature] = []
    for place in targets.indices {
      let (ownColumns, ownTests) = (columnCounts[place], testCounts[place])
      guard ownColumns >= 0, ownColumns <= columns.count - column, ownTests >= 0,
        ownTests <= tests.count - test
      else { return nil }
      result.append(
        StatisticFeature(
          projection: CategoryProjection(
            columns: Array(columns[column..<column + ownColumns]),
            tests: Array(tests[test..<test + ownTests])),
          kind: targets[place] < 0 ? .counter : .borders(target: targets[place]), prior: priors[place]))
      column += ownColumns
      test += ownTests
    }
    return column == columns.count && test == tests.count ? result : nil
  }

  private static func splits(
    _ prefix: String, _ tensors: [String: ForestTensor], statistics: [StatisticFeature]
  ) -> [ObliviousSplit]? {
    guard let sources = integers(prefix + "_source", tensors), let bins = integers(prefix + "_bin", tensors),
      let equalities = integers(prefix + "_equality", tensors), bins.count == sources.count,
      equalities.count == sources.count, sources.allSatisfy({ $0 >= -statistics.count })
    else { return nil }
    return sources.indices.map { place in
      ObliviousSplit(
        source: sources[place] >= 0
          ? .feature(sources[place]) : .statistic(statistics[-1 - sources[place]]),
        bin: bins[place], isEquality: equalities[place] != 0)
    }
  }

  /// The target class of a share, -1 for a frequency.
  private static func target(_ statistic: StatisticFeature) -> Int {
    if case .borders(let target) = statistic.kind { return target }
    return -1
  }

  private static func integers(_ values: [Int]) -> ForestTensor {
    .int32(values.map { Int32(truncatingIfNeeded: $0) })
  }

  /// An array of integers, empty if it is absent; nil for another type.
  private static func integers(_ name: String, _ tensors: [String: ForestTensor]) -> [Int]? {
    guard let tensor = tensors[name] else { return [] }
    guard case .int32(let values) = tensor else { return nil }
    return values.map(Int.init)
  }
}
