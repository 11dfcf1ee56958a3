import Diagnostics

/// What the cells of a table column are.
public enum ColumnKind: String, Codable, Sendable {
  /// Numbers.
  case numeric
  /// Text, one code per distinct value.
  case categorical
}

/// A named column of a training table.
public struct Column: Equatable, Sendable {
  /// The cells of a column.
  public enum Values: Equatable, Sendable {
    /// 32-bit floats, correctly rounded from the text by way of a double; NaN where the cell is missing.
    case numeric([Float])
    /// Positions in `vocabulary`, which lists the distinct texts in the order of their first appearance;
    /// −1 where the cell is missing or, after `Table.aligned(to:)`, not in the vocabulary.
    case categorical(codes: [Int32], vocabulary: [String])
  }

  /// The name from the header, or `column_<index>` without one.
  public var name: String
  /// The cells.
  public var values: Values

  /// Creates a column.
  public init(name: String, values: Values) {
    self.name = name
    self.values = values
  }

  /// What the cells are.
  public var kind: ColumnKind {
    switch values {
    case .numeric: return .numeric
    case .categorical: return .categorical
    }
  }

  /// Number of cells.
  public var count: Int {
    switch values {
    case .numeric(let cells): return cells.count
    case .categorical(let codes, _): return codes.count
    }
  }
}

/// Columns of equal length, read from a text file for training or prediction.
public struct Table: Equatable, Sendable {
  /// The columns in file order.
  public var columns: [Column]
  /// Number of rows.
  public var rowCount: Int
  /// Doubtful things that a person should see, for example a nearly numeric column with a few texts.
  public var warnings: [String] = []

  /// Gathers columns of equal length.
  public init(columns: [Column], rowCount: Int) {
    precondition(columns.allSatisfy { $0.count == rowCount }, "table columns differ in length")
    self.columns = columns
    self.rowCount = rowCount
  }

  /// The column of a name.
  public subscript(name: String) -> Column? { columns.first { $0.name == name } }

  /// Position of the column of a name.
  /// - Throws: `TernError` of kind `data` naming the nearest known column.
  public func index(of name: String, file: String? = nil) throws(TernError) -> Int {
    if let index = columns.firstIndex(where: { $0.name == name }) { return index }
    let near = nearestName(to: name, among: columns.map(\.name))
    throw TernError(
      .data, "there is no such column" + (near.map { "; did you mean \"\($0)\"?" } ?? ""), file: file,
      key: name,
      expected: "one of \(columns.prefix(40).map(\.name).joined(separator: ", "))")
  }
}
