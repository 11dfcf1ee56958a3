import Diagnostics

/// Reads training tables: CSV, TSV and their gzip forms.
public enum TableReader {
  /// Whether the first row names the columns.
  public enum Header: String, Codable, Sendable {
    /// Decided by the cells.
    case automatic
    /// It does.
    case present
    /// It is data already.
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

    /// The defaults.
    public init() {}
  }

  /// Reads a table.
  /// - Throws: `TernError` of kind `data` with file and line.
  public static func read(_ path: String, options: Options = Options()) throws(TernError) -> Table {
    throw TernError(.internalFailure, "not available", file: path)
  }
}
