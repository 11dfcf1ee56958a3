import Compute
import Diagnostics

/// Edges of the bins of numeric features that a piecewise-linear embedding reads, fitted on training rows after `compute_bins`
/// of rtdl_num_embeddings (Gorishniy, Rubachev and Babenko, "On Embeddings for Numerical Features in Tabular Deep Learning",
/// 2022, sections 3.2.1 and 3.2.2).
///
/// Every feature has two edges or more, each above the one before. A feature that never varies, which the original refuses,
/// has one bin of width 1 around its value.
public enum FeatureBins {
  /// What trees look at, a number for each row.
  public enum Targets: Sendable {
    /// Numbers: bins part rows of different means.
    case numbers([Float])
    /// Classes from 0 to one less than `count`: bins part rows of different classes.
    case classes([Int32], count: Int)
  }

  /// How the trees of `trees(over:)` grow, each over one feature and best split first.
  public struct TreeConfiguration: Codable, Sendable, Equatable {
    /// Fewest rows of a bin. Default 64.
    public var minSamplesLeaf = 64
    /// What a split must lower the impurity by: the share of rows of its node times the drop of squared error or Gini
    /// impurity there. Default 1e-4.
    public var minImpurityDecrease = 1e-4

    /// The defaults.
    public init() {}
  }

  /// The most bins of a feature where nothing else is said.
  public static let defaultCount = 48

  /// Edges at `count + 1` evenly spaced quantiles, equal ones taken once.
  /// - Parameters:
  ///   - columns: finite numbers of the training rows. Shape: (feature, row).
  ///   - count: most bins of a feature, at least 2.
  /// - Returns: (feature, edge).
  /// - Throws: `TernError` of kind `configuration` for too few bins, of kind `data` for no row or a number that is not finite.
  public static func quantiles(
    of columns: [[Float]], count: Int = defaultCount, pool: ThreadPool
  ) throws(TernError) -> [[Float]] {
    try check(columns, count)
    return each(columns, pool) { column in
      let sorted = column.map(Double.init).sorted()
      return (0...count).map { Float(QuantileTable.quantile(of: sorted, at: Double($0) / Double(count))) }
    }
  }

  /// Edges at the thresholds of a tree over each feature alone, and at its least and greatest value.
  /// - Parameters:
  ///   - columns: finite numbers of the training rows. Shape: (feature, row).
  ///   - targets: what the trees are to predict, for each row.
  ///   - count: most bins of a feature, which are the leaves of its tree, at least 2.
  /// - Returns: (feature, edge).
  /// - Throws: `TernError` of kind `configuration` for a value out of range, of kind `data` as `quantiles`, and for targets that
  ///   are not finite or no class.
  public static func trees(
    over columns: [[Float]], targets: Targets, count: Int = defaultCount,
    configuration: TreeConfiguration = TreeConfiguration(), pool: ThreadPool
  ) throws(TernError) -> [[Float]] {
    try check(columns, count)
    try check(configuration)
    try check(targets, rows: columns.first?.count ?? 0)
    return each(columns, pool) { column in
      var tree = FeatureTree(column, targets, configuration)
      return tree.thresholds(leaves: count) + [column.min() ?? 0, column.max() ?? 0]
    }
  }

  /// Edges of each column on some lane, sorted, equal ones taken once.
  private static func each(
    _ columns: [[Float]], _ pool: ThreadPool, _ edges: @Sendable ([Float]) -> [Float]
  ) -> [[Float]] {
    [[Float]](unsafeUninitializedCapacity: columns.count) { places, initialised in
      pool.parallelFor(count: columns.count) { index, _ in
        var result: [Float] = []
        for edge in edges(columns[index]).sorted() where result.last.map({ $0 < edge }) ?? true {
          result.append(edge)
        }
        if result.count < 2 { result = [result[0] - 0.5, result[0] + 0.5] }
        places.initializeElement(at: index, to: result)
      }
      initialised = columns.count
    }
  }

  private static func check(_ columns: [[Float]], _ count: Int) throws(TernError) {
    precondition(columns.allSatisfy { $0.count == columns[0].count }, "columns differ in length")
    guard (2...65_535).contains(count) else {
      throw TernError(
        .configuration, "lies outside its range", key: "n_bins", found: "\(count)", expected: "2 ... 65535")
    }
    for (feature, column) in columns.enumerated() {
      guard !column.isEmpty else { throw TernError(.data, "there are no training rows to fit bins to") }
      // Beyond this an edge half a unit away would be the value itself.
      guard column.allSatisfy({ abs($0) < 0x1p22 }) else {
        throw TernError(
          .data, "is no number that a network reads", key: "feature \(feature)",
          expected: "prepared numbers between -4194304 and 4194304")
      }
    }
  }

  private static func check(_ configuration: TreeConfiguration) throws(TernError) {
    guard configuration.minSamplesLeaf >= 1 else {
      throw TernError(
        .configuration, "lies outside its range", key: "min_samples_leaf",
        found: "\(configuration.minSamplesLeaf)", expected: "1 or more")
    }
    guard configuration.minImpurityDecrease >= 0 else {
      throw TernError(
        .configuration, "lies outside its range", key: "min_impurity_decrease",
        found: "\(configuration.minImpurityDecrease)", expected: "0 or more")
    }
  }

  private static func check(_ targets: Targets, rows: Int) throws(TernError) {
    switch targets {
    case .numbers(let numbers):
      precondition(numbers.count == rows, "a target for each row")
      guard numbers.allSatisfy(\.isFinite) else { throw TernError(.data, "a target is not a finite number") }
    case .classes(let classes, let count):
      precondition(classes.count == rows, "a class for each row")
      guard classes.allSatisfy({ $0 >= 0 && $0 < count }) else {
        throw TernError(.data, "a target is no class", expected: "0 ... \(count - 1)")
      }
    }
  }

}

extension FeatureBins.TreeConfiguration {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case minSamplesLeaf = "min_samples_leaf"
    case minImpurityDecrease = "min_impurity_decrease"
  }

  /// Reads a configuration; keys that are absent take their defaults.
  /// - Throws: `TernError` of kind `configuration` for an unknown key.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    minSamplesLeaf = try values.decodeIfPresent(Int.self, forKey: .minSamplesLeaf) ?? minSamplesLeaf
    minImpurityDecrease =
      try values.decodeIfPresent(Double.self, forKey: .minImpurityDecrease) ?? minImpurityDecrease
  }
}

extension TablePreparation {
  /// The numeric columns of prepared rows, indicators behind the values: (column, row).
  public func numericColumns(of rows: Rows) -> [[Float]] {
    (0..<numericWidth).map { column in
      (0..<rows.count).map { rows.numbers[$0 * numericWidth + column] }
    }
  }
}
