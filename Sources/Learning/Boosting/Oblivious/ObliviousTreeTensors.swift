import Diagnostics
import Trees

/// Trees with their tests as flat arrays by name, for files.
///
/// A test's source is a feature of the data set, or -1 minus the place of a statistic in a list of all that occur.
enum ObliviousTreeTensors {
  private static let kinds = StatisticDescription.Kind.allCases

  /// The arrays of trees and of other statistics, without empty ones.
  static func make(
    of trees: [ObliviousTree], used: [StatisticFeature]
  ) -> [(name: String, values: ForestTensor)] {
    var places: [StatisticFeature: Int] = [:]
    var statistics: [StatisticFeature] = []
    func place(_ statistic: StatisticFeature) -> Int {
      if let place = places[statistic] { return place }
      places[statistic] = statistics.count
      statistics.append(statistic)
      return statistics.count - 1
    }
    func source(_ split: ObliviousSplit) -> Int {
      switch split.source {
      case .feature(let feature): feature
      case .statistic(let statistic): -1 - place(statistic)
      }
    }
    let splits = trees.flatMap(\.splits)
    let sources = splits.map(source)
    let usedPlaces = used.map(place)
    let tests = statistics.flatMap(\.projection.tests)
    let arrays: [(String, ForestTensor)] = [
      ("tree_splits", integers(trees.map(\.splits.count))),
      ("split_leaf", integers(trees.flatMap { $0.structure.splitLeaves ?? [] })),
      ("split_source", integers(sources)), ("split_bin", integers(splits.map(\.bin))),
      ("split_equality", integers(splits.map { $0.isEquality ? 1 : 0 })),
      ("leaf_value", .float64(trees.flatMap(\.values))), ("leaf_weight", .float64(trees.flatMap(\.weights))),
      ("leaf_count", .int32(trees.flatMap(\.counts))),
      ("statistic_columns", integers(statistics.map(\.projection.columns.count))),
      ("statistic_column", integers(statistics.flatMap(\.projection.columns))),
      ("statistic_tests", integers(statistics.map(\.projection.tests.count))),
      ("test_source", integers(tests.map(source))), ("test_bin", integers(tests.map(\.bin))),
      ("test_equality", integers(tests.map { $0.isEquality ? 1 : 0 })),
      ("statistic_kind", integers(statistics.map { kinds.firstIndex(of: $0.kind.type) ?? 0 })),
      ("statistic_target", integers(statistics.map(\.kind.target))),
      ("statistic_classes", integers(statistics.map(\.classes))),
      ("statistic_borders", integers(statistics.map(\.borders))),
      ("statistic_prior", .float32(statistics.map(\.prior))), ("used_statistic", integers(usedPlaces)),
    ]
    return arrays.filter { $1.count > 0 }
  }

  /// Puts trees together again; whether they fit a data set is for its session to say.
  /// - Throws: `TernError(.data)` for arrays that do not fit each other.
  static func trees(
    _ tensors: [String: ForestTensor], areSymmetric: Bool
  ) throws(TernError) -> (trees: [ObliviousTree], used: [StatisticFeature]) {
    guard let statistics = statistics(tensors), let sizes = integers("tree_splits", tensors),
      sizes.allSatisfy({ 0...(areSymmetric ? 16 : 65_535) ~= $0 }),
      let used = integers("used_statistic", tensors), used.allSatisfy(statistics.indices.contains),
      let splitLeaves = integers("split_leaf", tensors),
      let splits = splits("split", tensors, statistics: statistics),
      case .float64(let values)? = tensors["leaf_value"],
      case .float64(let weights)? = tensors["leaf_weight"], case .int32(let counts)? = tensors["leaf_count"],
      counts.count > 0, counts.count == weights.count, values.count % counts.count == 0,
      splitLeaves.count == (areSymmetric ? 0 : splits.count)
    else { throw broken }
    let outputs = values.count / counts.count
    var trees: [ObliviousTree] = []
    var (split, leaf) = (0, 0)
    for size in sizes {
      let leaves = areSymmetric ? 1 << size : size + 1
      guard size <= splits.count - split, leaves <= counts.count - leaf else { throw broken }
      let own = Array(splits[split..<split + size])
      let parents = areSymmetric ? [] : Array(splitLeaves[split..<split + size])
      guard parents.enumerated().allSatisfy({ 0...$0 ~= $1 }) else { throw broken }
      trees.append(
        ObliviousTree(
          structure: areSymmetric
            ? TreeStructure(levels: own) : TreeStructure(splits: own, splitLeaves: parents),
          values: Array(values[leaf * outputs..<(leaf + leaves) * outputs]),
          weights: Array(weights[leaf..<leaf + leaves]), counts: Array(counts[leaf..<leaf + leaves])))
      split += size
      leaf += leaves
    }
    guard split == splits.count, leaf == counts.count else { throw broken }
    return (trees, used.map { statistics[$0] })
  }

  private static var broken: TernError {
    TernError(.data, "the arrays of the trees do not fit each other", key: "tree_splits")
  }

  private static func statistics(_ tensors: [String: ForestTensor]) -> [StatisticFeature]? {
    guard let columnCounts = integers("statistic_columns", tensors),
      let columns = integers("statistic_column", tensors),
      let testCounts = integers("statistic_tests", tensors), testCounts.count == columnCounts.count,
      let tests = splits("test", tensors, statistics: []),
      let codes = integers("statistic_kind", tensors), codes.allSatisfy(kinds.indices.contains),
      let targets = integers("statistic_target", tensors),
      let borders = integers("statistic_borders", tensors),
      let classes = integers("statistic_classes", tensors),
      [codes, targets, borders, classes].allSatisfy({ $0.count == columnCounts.count })
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
          kind: StatisticFeature.Kind(kinds[codes[place]], target: targets[place]), prior: priors[place],
          classes: classes[place], borders: borders[place]))
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
