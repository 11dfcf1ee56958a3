import Feeds
import Market

/// What a repair did, action by action.
public struct RepairReport: Codable, Equatable, Sendable {
  /// A class of actions.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// Rows moved to their place in time.
    case sorted
    /// Rows dropped because a cell could not be read.
    case droppedUnreadable = "dropped_unreadable"
    /// Rows dropped because they do not open on a multiple of the interval, or outside of the years 1970 to 9999.
    case droppedMisaligned = "dropped_misaligned"
    /// Rows dropped because a value is impossible.
    case droppedInvalid = "dropped_invalid"
    /// Rows dropped because they repeat another in every value.
    case droppedExactDuplicate = "dropped_exact_duplicate"
    /// Rows dropped because another row of their time was preferred.
    case droppedConflictingDuplicate = "dropped_conflicting_duplicate"
    /// Rows whose high or low was moved to include open and close.
    case widened
  }

  /// All actions of a class.
  public struct Action: Codable, Equatable, Sendable {
    /// The class.
    public var kind: Kind
    /// Number of rows.
    public var count: Int
    /// The first of them, at most `InspectionReport.exampleLimit`.
    public var examples: [RowExample]
  }

  /// Rows with a readable time that came in.
  public var rowsRead = 0
  /// Rows that went out.
  public var rowsWritten = 0
  /// Cells and rows that could not be read; rows without a readable time are counted here only.
  public var unreadable = 0
  /// The classes that occurred, in the order of `Kind`.
  public var actions: [Action] = []
  /// Stretches without candles in the result, those of the source included.
  public var gaps: [CandleGap] = []

  private enum CodingKeys: String, CodingKey {
    case rowsRead = "rows_read"
    case rowsWritten = "rows_written"
    case unreadable, actions, gaps
  }

  /// Number of rows of a class.
  public func count(_ kind: Kind) -> Int { actions.first { $0.kind == kind }?.count ?? 0 }

  /// Whether the rows were taken as they were.
  public var isUnchanged: Bool { actions.isEmpty && unreadable == 0 }

  /// The report for people.
  public var text: String {
    var lines = ["\(rowsRead) rows read, \(rowsWritten) written"]
    if unreadable > 0 { lines.append("cells and rows that could not be read: \(unreadable)") }
    for action in actions {
      lines.append("\(action.kind.rawValue): \(action.count)")
      lines += action.examples.map { "  \($0.text)" }
      if action.count > action.examples.count { lines.append("  …") }
    }
    lines.append(
      "gaps, left as they are: \(gaps.count), missing candles: \(gaps.reduce(0) { $0 + $1.missing })")
    if isUnchanged { lines.append("nothing to repair") }
    return lines.joined(separator: "\n")
  }
}
