/// Rows of text in aligned columns.
public struct TextTable: Sendable {
  /// The side of a column on which its text stands.
  public enum Alignment: Sendable { case left, right }

  private var rows: [[String]]
  private let alignments: [Alignment]

  /// Starts with a header; columns without an alignment stand left.
  public init(_ header: [String], aligned alignments: [Alignment] = []) {
    rows = [header]
    self.alignments = alignments
  }

  /// Adds a row.
  public mutating func append(_ row: [String]) { rows.append(row) }

  /// The table, two spaces between columns, no line feed at the end.
  public var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { index, cell in
        let padding = String(repeating: " ", count: widths[index] - cell.count)
        let isRight = index < alignments.count && alignments[index] == .right
        return isRight ? padding + cell : index == row.count - 1 ? cell : cell + padding
      }
      return cells.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
