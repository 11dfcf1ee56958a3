import Boosting
import Datasets
import Diagnostics
import Files

/// Where the rows of a ranking task tell which query they belong to.
public struct QuerySource: Sendable {
  /// A column of numbers or texts, equal where rows belong together; nil takes `qid` where there is one.
  public var column: String?
  /// A file of one number per line: the sizes of consecutive queries, as LightGBM's `.query` files.
  public var sizes: String?

  /// A column, a file of sizes, or neither.
  public init(column: String? = nil, sizes: String? = nil) {
    self.column = column
    self.sizes = sizes
  }

  /// The column that holds queries and is thus no input.
  func column(of table: Table) -> String? {
    column ?? (sizes == nil && table["qid"] != nil ? "qid" : nil)
  }

  /// The query number of each row.
  /// - Throws: `TernError` of kind `data` when nothing tells the queries, or sizes do not add up to the rows.
  public func queries(of table: Table, file: String) throws(TernError) -> [Int32] {
    if column != nil, sizes != nil {
      throw TernError(
        .usage, "queries are told by a column or by a file of sizes, not by both", key: "--group")
    }
    if let sizes { return try queries(sizes: sizes, rows: table.rowCount) }
    guard let name = column(of: table) else {
      throw TernError(
        .usage, "ranking needs to know which rows belong to one query", key: "--group",
        expected: "--group COLUMN, or --query FILE with the sizes of the queries")
    }
    switch table.columns[try table.index(of: name, file: file)].values {
    case .categorical(let codes, _):
      if let row = codes.firstIndex(of: -1) { throw missing(name, row, file) }
      return codes
    case .numeric(let values):
      if let row = values.firstIndex(where: \.isNaN) { throw missing(name, row, file) }
      var numbers: [Float: Int32] = [:]
      return values.map { value in
        if let known = numbers[value] { return known }
        let next = Int32(numbers.count)
        numbers[value] = next
        return next
      }
    }
  }

  private func missing(_ name: String, _ row: Int, _ file: String) -> TernError {
    TernError(.data, "the query of row \(row + 1) is missing", file: file, key: name)
  }

  private func queries(sizes path: String, rows: Int) throws(TernError) -> [Int32] {
    var sizes: [Int] = []
    var total = 0
    let lines = String(decoding: try AtomicFile.read(path), as: UTF8.self).split(whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      guard let size = Int(line.filter { !$0.isWhitespace }), size > 0, size <= rows - total else {
        throw TernError(
          .data, "is not the size of a query", file: path, line: index + 1, found: String(line.prefix(24)),
          expected: "1 ... \(rows - total), the rows left")
      }
      sizes.append(size)
      total += size
    }
    guard total == rows else {
      throw TernError(
        .data, "the sizes of the queries do not add up to the rows", file: path, found: "\(total)",
        expected: "\(rows)")
    }
    return QueryGroups.numbers(sizes: sizes)
  }
}
