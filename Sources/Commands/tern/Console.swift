import Diagnostics
import Files
import Foundation

/// The two channels of a command: one document or a text on standard output, everything else on standard error.
enum Console {
  /// Writes a line to standard error.
  static func log(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  /// Writes one JSON document to standard output.
  static func print(json value: some Encodable) throws(TernError) {
    FileHandle.standardOutput.write(Data(try CanonicalJSON.encode(value, pretty: true) + [10]))
  }

  /// Writes text to standard output.
  static func print(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

  /// Prints the document when `--json` was given, the text otherwise.
  static func show(_ value: some Encodable, json: Bool, text: () -> String) throws(TernError) {
    if json { try print(json: value) } else { print(text()) }
  }
}

/// Rows of text in aligned columns.
struct TextTable {
  enum Alignment { case left, right }

  private var rows: [[String]]
  private let alignments: [Alignment]

  /// Starts with a header; columns without an alignment stand left.
  init(_ header: [String], aligned alignments: [Alignment] = []) {
    rows = [header]
    self.alignments = alignments
  }

  mutating func append(_ row: [String]) { rows.append(row) }

  var text: String {
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

extension Double {
  /// Fixed-point text with a number of decimals, `-` when not a number.
  func fixed(_ decimals: Int) -> String { isNaN ? "-" : String(format: "%.\(decimals)f", self) }

  /// Percent text with a number of decimals.
  func percent(_ decimals: Int = 2) -> String {
    isNaN ? "-" : String(format: "%.\(decimals)f %%", self * 100)
  }
}
