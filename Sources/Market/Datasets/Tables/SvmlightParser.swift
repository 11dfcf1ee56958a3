import Diagnostics
import Feeds

/// Reads svmlight text: `label [qid:query] index:value … [# comment]`, one row per line, increasing indices.
///
/// The columns are `label`, `qid` where the first row has one, and `f0`, `f1`, … up to the largest index. A feature that a row does
/// not mention is missing, or zero if so asked: XGBoost takes the one meaning, LightGBM and scikit-learn the other.
struct SvmlightParser {
  /// More columns than this would be a dense table of nothing.
  static let columnLimit = 1_000_000

  private let path: String
  private let options: TableReader.Options
  private var labels: [Float] = []
  private var queries: [Float] = []
  private var hasQueries: Bool?
  private var rowStarts: [Int] = [0]
  private var indices: [Int32] = []
  private var values: [Float] = []
  private var width = 0

  init(path: String, options: TableReader.Options) {
    self.path = path
    self.options = options
    // A table for a model has the model's columns, whether or not a row mentions them.
    for name in options.kinds.keys where name.hasPrefix("f") {
      if let index = Int(name.dropFirst()), index >= 0, index < SvmlightParser.columnLimit {
        width = max(width, index + 1)
      }
    }
  }

  mutating func table(_ text: [UInt8]) throws(TernError) -> Table {
    try text.withUnsafeBufferPointer { bytes throws(TernError) in
      guard let start = bytes.baseAddress else { throw TernError(.data, "is empty", file: path) }
      try NumberParser.withPowers { powers throws(TernError) in
        var p = start
        let end = start + bytes.count
        var line = 1
        while p < end {
          try readLine(&p, end, powers, line)
          line += 1
        }
      }
    }
    guard !labels.isEmpty else { throw TernError(.data, "holds no rows", file: path) }
    let cells = labels.count.multipliedReportingOverflow(by: width)
    guard !cells.overflow, cells.partialValue <= 1 << 34 else {
      throw TernError(
        .data, "is too wide for a dense table", file: path, found: "\(labels.count) rows × \(width) features",
        expected: "at most 2^34 cells")
    }
    let absent: Float = options.absentIsZero ? 0 : .nan
    var columns = [[Float]](repeating: [Float](repeating: absent, count: labels.count), count: width)
    for row in labels.indices {
      for entry in rowStarts[row]..<rowStarts[row + 1] { columns[Int(indices[entry])][row] = values[entry] }
    }
    var result = [Column(name: "label", values: .numeric(labels))]
    if hasQueries == true { result.append(Column(name: "qid", values: .numeric(queries))) }
    result += columns.enumerated().map { Column(name: "f\($0.offset)", values: .numeric($0.element)) }
    return Table(columns: result, rowCount: labels.count)
  }

  private mutating func readLine(
    _ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ powers: UnsafePointer<Double>, _ line: Int
  ) throws(TernError) {
    SvmlightParser.skipBlanks(&p, end)
    if SvmlightParser.isOver(p, end) {
      SvmlightParser.skipLine(&p, end)
      return
    }
    labels.append(try number(&p, end, powers, line, expected: "a label"))
    var previous: Int32 = -1
    var queryOfRow: Float?
    while true {
      SvmlightParser.skipBlanks(&p, end)
      if SvmlightParser.isOver(p, end) { break }
      if p + 4 <= end, p[0] == 0x71, p[1] == 0x69, p[2] == 0x64, p[3] == 0x3a {
        p += 4
        queryOfRow = try number(&p, end, powers, line, expected: "a query number")
        continue
      }
      let index = try self.index(&p, end, line)
      guard index > previous else {
        throw TernError(
          .data, "feature numbers do not increase", file: path, line: line,
          found: "\(index) after \(previous)")
      }
      previous = index
      indices.append(index)
      values.append(try number(&p, end, powers, line, expected: "a value"))
      width = max(width, Int(index) + 1)
    }
    SvmlightParser.skipLine(&p, end)
    let known = hasQueries ?? (queryOfRow != nil)
    guard known == (queryOfRow != nil) else {
      throw TernError(
        .data, "some rows have a query number and some have none", file: path, line: line, key: "qid")
    }
    hasQueries = known
    if let queryOfRow { queries.append(queryOfRow) }
    rowStarts.append(indices.count)
  }

  private func index(
    _ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ line: Int
  ) throws(TernError) -> Int32 {
    var index = 0
    let first = p
    while p < end, case let digit = p.pointee &- 48, digit < 10, index < SvmlightParser.columnLimit {
      index = index * 10 + Int(digit)
      p += 1
    }
    guard p > first, p < end, p.pointee == 0x3a, index < SvmlightParser.columnLimit else {
      throw TernError(
        .data, "is not svmlight", file: path, line: line, found: SvmlightParser.excerpt(first, end),
        expected: "index:value with an index below \(SvmlightParser.columnLimit)")
    }
    p += 1
    return Int32(index)
  }

  private func number(
    _ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ powers: UnsafePointer<Double>,
    _ line: Int,
    expected: String
  ) throws(TernError) -> Float {
    var value = 0.0
    guard let after = NumberParser.parse(p, end, powers, &value), Float(value).isFinite,
      after == end || FieldText.isBlank(after.pointee) || after.pointee == 0x0a
    else {
      throw TernError(
        .data, "is not svmlight", file: path, line: line, found: SvmlightParser.excerpt(p, end),
        expected: expected)
    }
    p = after
    return Float(value)
  }

  private static func excerpt(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> String {
    let bytes = UnsafeBufferPointer(start: start, count: min(end - start, 24))
    return String(decoding: bytes.prefix { $0 != 0x0a && $0 != 0x20 }, as: UTF8.self)
  }

  private static func isOver(_ p: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
    p == end || p.pointee == 0x0a || p.pointee == 0x23
  }

  private static func skipBlanks(_ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
    while p < end, FieldText.isBlank(p.pointee) { p += 1 }
  }

  private static func skipLine(_ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
    while p < end, p.pointee != 0x0a { p += 1 }
    if p < end { p += 1 }
  }
}
