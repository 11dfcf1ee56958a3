import Compression
import Diagnostics
import Feeds
import Files

/// Reads training tables: CSV, TSV, svmlight (by the endings .svm, .svmlight and .libsvm) and their gzip or ZIP forms.
///
/// - Fields may stand in double quotes, inside of which a doubled quote is one quote and newlines are text. Blanks
///   around unquoted fields do not count. Blank lines are skipped. Every row must have the first row's number of fields.
/// - Missing cells: empty, `NaN`, `nan`, `NA`.
/// - A column whose every other cell is a decimal number is numeric; its cells are read as doubles, bit-identical to
///   `strtod`, and rounded to `Float`. Infinities, in words or by overflow of `Float`, are refused there.
/// - Any other column is categorical; its vocabulary is in the order of first appearance.
/// - Delimiter: the tab in files named `.tsv` or `.tab`; otherwise whichever of comma, tab and semicolon is most frequent
///   in the first line, the comma on ties; a single run of blanks never separates.
/// - Header, when automatic: the first row is a header if in some column it holds text above numbers only (the
///   first 100 rows are looked at), or if no cell of it is a number or empty and all are distinct, unless the rows
///   below contradict that by holding the first row's own text again in the same column.
public enum TableReader {
  /// Whether the first row names the columns.
  public enum Header: String, Codable, Sendable {
    /// Decided by the cells.
    case automatic
    /// It does.
    case present
    /// It is data already; columns are named `column_0`, `column_1`, ….
    case absent
  }

  /// How to read a file.
  public struct Options: Equatable, Sendable {
    /// The byte between fields; nil decides by the file's name and first line.
    public var delimiter: UInt8?
    /// Whether the first row names the columns.
    public var header: Header = .automatic
    /// Kinds of columns by name where the text alone should not decide, usually those of training.
    public var kinds: [String: ColumnKind] = [:]
    /// Whether a feature that a row of an svmlight file leaves out is 0 instead of missing.
    public var absentIsZero = false

    /// The defaults.
    public init() {}

    /// Options that read a file's columns as a model's training table had them.
    public init(schema: [ColumnSchema]) {
      for column in schema { kinds[column.name] = column.kind }
    }
  }

  /// Reads a table.
  /// - Throws: `TernError` of kind `data` with file and line for an unreadable, empty or malformed file.
  public static func read(_ path: String, options: Options = Options()) throws(TernError) -> Table {
    let inputs = try TextInput.open(path)
    guard inputs.count == 1, let input = inputs.first else {
      throw TernError(
        .data, "the archive holds several tables", file: path, found: "\(inputs.count) CSV entries",
        expected: "one")
    }
    return try parse(try input.text(), path: input.path, options: options)
  }

  /// Reads a table from text in memory; `path` names it in errors.
  /// - Throws: as `read(_:options:)`.
  public static func parse(
    _ text: [UInt8], path: String, options: Options = Options()
  ) throws(TernError) -> Table {
    if isSvmlight(path) {
      var parser = SvmlightParser(path: path, options: options)
      return try parser.table(text)
    }
    return try text.withUnsafeBufferPointer { bytes throws(TernError) in
      var parser = try TableParser(bytes, path: path, options: options)
      return try parser.table()
    }
  }

  private static func isSvmlight(_ path: String) -> Bool {
    let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    return [".svm", ".svmlight", ".libsvm"].contains { name.hasSuffix($0) }
  }
}
