import Diagnostics

/// A table to train on or to evaluate: column-major features, labels and optional weights.
///
/// Columns are copy-on-write arrays: a table over existing columns costs nothing.
public struct TrainingTable: Sendable {
  /// One name per column.
  public var featureNames: [String]
  /// (features)(rows); NaN is missing, ±infinity are ordinary extreme values. A categorical column holds codes.
  public var columns: [[Float]]
  /// (features); what the numbers of each column mean.
  public var kinds: [ColumnKind]
  /// (rows); regression target, 0 or 1, or class number 0 ..< K.
  public var labels: [Float]
  /// (rows) of non-negative sample weights; nil weighs every row 1.
  public var weights: [Float]?
  /// Query number of each row of a ranking task, equal numbers together; nil without queries.
  public var queries: [Int32]?
  /// Row-major (rows, outputs) of margins that each row starts from instead of the base score; nil for none.
  public var baseMargins: [Float]?

  /// Number of rows.
  public var rows: Int { labels.count }
  /// Number of columns.
  public var features: Int { columns.count }

  /// Makes a table of numeric columns, or of columns of the given kinds; `validate()` checks it.
  public init(
    featureNames: [String], columns: [[Float]], labels: [Float], weights: [Float]? = nil,
    kinds: [ColumnKind]? = nil, queries: [Int32]? = nil, baseMargins: [Float]? = nil
  ) {
    self.featureNames = featureNames
    self.columns = columns
    self.kinds = kinds ?? [ColumnKind](repeating: .numeric, count: columns.count)
    self.labels = labels
    self.weights = weights
    self.queries = queries
    self.baseMargins = baseMargins
  }

  /// Checks shapes, finite labels and usable weights.
  ///
  /// - Throws: `TernError(.data)` naming the column or the row.
  public func validate() throws(TernError) {
    guard rows > 0 else { throw TernError(.data, "the table has no rows") }
    guard rows < Int(Int32.max) else {
      throw TernError(.data, "too many rows", found: "\(rows)", expected: "fewer than 2^31")
    }
    guard features > 0 else { throw TernError(.data, "the table has no feature columns") }
    guard featureNames.count == features else {
      throw TernError(
        .data, "every column needs a name", found: "\(featureNames.count) names", expected: "\(features)")
    }
    for (name, column) in zip(featureNames, columns) where column.count != rows {
      throw TernError(
        .data, "columns differ in length", key: name, found: "\(column.count)", expected: "\(rows)")
    }
    guard kinds.count == features else {
      throw TernError(
        .data, "every column needs a kind", found: "\(kinds.count) kinds", expected: "\(features)")
    }
    for (feature, kind) in kinds.enumerated() {
      guard let row = columns[feature].firstIndex(where: { !kind.accepts($0) }) else { continue }
      throw TernError(
        .data, "row \(row) holds no category code", key: featureNames[feature],
        found: "\(columns[feature][row])", expected: "-1 ..< \(kind.vocabulary?.count ?? 0) or missing")
    }
    if let row = labels.firstIndex(where: { !$0.isFinite }) {
      throw TernError(
        .data, "the label of row \(row) is not a finite number", key: "label", found: "\(labels[row])")
    }
    try validateQueriesAndMargins()
    guard let weights else { return }
    guard weights.count == rows else {
      throw TernError(
        .data, "weights differ in length", key: "weight", found: "\(weights.count)", expected: "\(rows)")
    }
    if let row = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw TernError(
        .data, "the weight of row \(row) is not usable", key: "weight", found: "\(weights[row])",
        expected: "a finite number >= 0")
    }
    guard weights.contains(where: { $0 > 0 }) else {
      throw TernError(.data, "all weights are zero", key: "weight")
    }
  }

  private func validateQueriesAndMargins() throws(TernError) {
    if let queries {
      guard queries.count == rows else {
        throw TernError(
          .data, "query numbers differ in length", key: "group", found: "\(queries.count)",
          expected: "\(rows)")
      }
      var seen: Set<Int32> = []
      for row in 0..<rows where row == 0 || queries[row] != queries[row - 1] {
        guard seen.insert(queries[row]).inserted else {
          throw TernError(
            .data, "the rows of a query do not lie together", key: "group",
            found: "query \(queries[row]) again in row \(row)", expected: "one run of rows per query")
        }
      }
    }
    guard let baseMargins else { return }
    guard !baseMargins.isEmpty, baseMargins.count % rows == 0 else {
      throw TernError(
        .data, "base margins differ in length", key: "base_margin", found: "\(baseMargins.count)",
        expected: "a multiple of \(rows)")
    }
    if let place = baseMargins.firstIndex(where: { !$0.isFinite }) {
      throw TernError(
        .data, "a base margin is not a finite number", key: "base_margin", found: "\(baseMargins[place])")
    }
  }
}
