import Chronology
import Feeds
import Market

/// What an inspection found; it changes nothing.
public struct InspectionReport: Codable, Equatable, Sendable {
  /// A class of findings.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// Cells or rows that could not be read.
    case unreadable
    /// Rows that open earlier than the row before them.
    case disorder
    /// Rows that repeat an earlier row in every value.
    case exactDuplicate = "exact_duplicate"
    /// Rows that repeat an earlier row's time with other values.
    case conflictingDuplicate = "conflicting_duplicate"
    /// Rows that do not open on a multiple of the interval.
    case misaligned
    /// Values that are infinite, and prices that are not numbers.
    case notFinite = "not_finite"
    /// Prices of zero or less.
    case priceNotPositive = "price_not_positive"
    /// Highs below their lows.
    case highBelowLow = "high_below_low"
    /// Opening prices outside of low to high.
    case openOutside = "open_outside_range"
    /// Closing prices outside of low to high.
    case closeOutside = "close_outside_range"
    /// Volumes below zero.
    case negativeVolume = "negative_volume"
    /// Trade counts that are negative or not whole.
    case badCount = "bad_trade_count"
    /// Taker-buy volumes above the volume.
    case takerAboveVolume = "taker_buy_above_volume"
    /// Returns far outside of the others; real moves may be among them.
    case returnOutlier = "return_outlier"
    /// Volumes far outside of the others; real bursts may be among them.
    case volumeOutlier = "volume_outlier"

    /// Whether the class is a defect rather than a remark.
    public var isDefect: Bool { self != .returnOutlier && self != .volumeOutlier }
  }

  /// All findings of a class.
  public struct Finding: Codable, Equatable, Sendable {
    /// The class.
    public var kind: Kind
    /// Number of rows (for `unreadable`: of cells and rows).
    public var count: Int
    /// The first of them, at most `exampleLimit`.
    public var examples: [RowExample]
  }

  /// Consecutive candles without any volume.
  public struct ZeroVolumeRun: Codable, Equatable, Sendable {
    /// Open time of the first, milliseconds since the epoch, UTC.
    public var start: Int64
    /// Open time of the last.
    public var last: Int64
    /// Number of candles.
    public var count: Int
  }

  /// Most examples kept per class.
  public static let exampleLimit = 10

  /// The exchange's symbol.
  public var symbol: String
  /// The interval that the rows were held against.
  public var interval: Interval
  /// Rows examined.
  public var rows: Int
  /// Earliest open time, milliseconds since the epoch, UTC; nil without rows.
  public var first: Int64?
  /// Latest open time; nil without rows.
  public var last: Int64?
  /// Stretches without candles, in time order.
  public var gaps: [CandleGap]
  /// Stretches without volume, in time order.
  public var zeroVolumeRuns: [ZeroVolumeRun]
  /// The classes that occur, in the order of `Kind`.
  public var findings: [Finding]

  private enum CodingKeys: String, CodingKey {
    case symbol, interval, rows, first, last, gaps
    case zeroVolumeRuns = "zero_volume_runs"
    case findings
  }

  /// Number of findings of a class.
  public func count(_ kind: Kind) -> Int { findings.first { $0.kind == kind }?.count ?? 0 }

  /// Whether a strict import would take the rows; gaps, runs without volume and outliers do not count.
  public var isClean: Bool { !findings.contains { $0.kind.isDefect } }

  /// The report for people.
  public var text: String {
    var lines = ["\(rows) rows of \(symbol) \(interval)"]
    if let first, let last { lines[0] += ", \(Timestamp.text(first)) to \(Timestamp.text(last))" }
    lines.append("gaps: \(gaps.count), missing candles: \(gaps.reduce(0) { $0 + $1.missing })")
    for gap in gaps.prefix(InspectionReport.exampleLimit) {
      lines.append("  \(gap.missing) from \(Timestamp.text(gap.start)) to \(Timestamp.text(gap.end))")
    }
    if gaps.count > InspectionReport.exampleLimit { lines.append("  …") }
    lines.append(
      "runs without volume: \(zeroVolumeRuns.count), candles: \(zeroVolumeRuns.reduce(0) { $0 + $1.count })")
    for run in zeroVolumeRuns.prefix(InspectionReport.exampleLimit) {
      lines.append("  \(run.count) from \(Timestamp.text(run.start)) to \(Timestamp.text(run.last))")
    }
    if zeroVolumeRuns.count > InspectionReport.exampleLimit { lines.append("  …") }
    for finding in findings {
      lines.append("\(finding.kind.rawValue): \(finding.count)")
      lines += finding.examples.map { "  \($0.text)" }
      if finding.count > finding.examples.count { lines.append("  …") }
    }
    if isClean { lines.append("no defects") }
    return lines.joined(separator: "\n")
  }
}

/// One row as an example of a finding or a repair.
public struct RowExample: Codable, Equatable, Sendable {
  /// The file and line.
  public var place: String
  /// The row's open time, milliseconds since the epoch, UTC; nil when it cannot be read.
  public var time: Int64?
  /// What is special about the row.
  public var detail: String

  /// The example for people.
  public var text: String {
    "\(place): " + (time.map { Timestamp.text($0) + ": " } ?? "") + detail
  }
}
