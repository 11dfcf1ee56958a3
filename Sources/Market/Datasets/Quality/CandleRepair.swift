import Diagnostics
import Market

/// Repairs what can be repaired without inventing data; gaps stay gaps.
public enum CandleRepair {
  /// Repairs rows as a file has them.
  /// - Throws: `TernError` of kind `data` when no valid row is left.
  public static func repair(
    _ raw: RawCandles, options: Options = Options()
  ) throws(TernError) -> (series: CandleSeries, report: RepairReport) {
    throw TernError(.internalFailure, "not available")
  }

  /// How far repairs go.
  public struct Options: Codable, Equatable, Sendable {
    /// Largest relative excess of open or close beyond high or low that is mended by widening; default 1e-4.
    public var widenTolerance = 1e-4
    /// The defaults.
    public init() {}
  }
}

/// What a repair did.
public struct RepairReport: Codable, Equatable, Sendable {
  /// Rows that came in.
  public var rowsRead = 0
  /// Rows that went out.
  public var rowsWritten = 0
  /// The report for people.
  public var text: String { "" }
}
