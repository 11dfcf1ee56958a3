import Diagnostics
import Feeds

/// Decides whether the first row of a table is a header, and names the columns.
enum TableHeader {
  /// Rows below the first that the decision looks at.
  private static let evidenceRows = 100

  static func isHeader(
    _ first: [String], below start: UnsafePointer<UInt8>, _ scanner: CellScanner
  ) throws(TernError) -> Bool {
    let firstKinds = first.map { Kind($0) }
    var scanner = scanner
    var isNumericBelow = Array(repeating: false, count: first.count)
    var isTextBelow = isNumericBelow
    var repeatsFirst = false
    var p = scanner.skipBlankLines(start)
    var row = 0
    while p < scanner.end, row < evidenceRows {
      let (cells, after) = try scanner.record(p)
      p = scanner.skipBlankLines(after)
      row += 1
      for (index, cell) in cells.enumerated() where index < first.count {
        switch Kind(cell) {
        case .number: isNumericBelow[index] = true
        case .text:
          isTextBelow[index] = true
          if cell == first[index] { repeatsFirst = true }
        case .missing: break
        }
      }
    }
    for index in first.indices
    where firstKinds[index] == .text && isNumericBelow[index] && !isTextBelow[index] { return true }
    return firstKinds.allSatisfy { $0 == .text } && Set(first).count == first.count && !repeatsFirst
  }

  static func names(_ header: [String]?, count: Int, path: String, line: Int) throws(TernError) -> [String] {
    guard let header else { return (0..<count).map { "column_\($0)" } }
    let names = header.enumerated().map { $1.isEmpty ? "column_\($0)" : $1 }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw TernError(.data, "the header names a column twice", file: path, line: line, key: name)
    }
    return names
  }

  private enum Kind {
    case missing, number, text

    init(_ cell: String) {
      var cell = cell
      self = cell.withUTF8 { bytes in
        NumberParser.withPowers { powers in
          switch NumericCell(content: bytes, powers) {
          case .missing: return .missing
          case .number, .infinite: return .number
          case .text: return .text
          }
        }
      }
    }
  }
}
