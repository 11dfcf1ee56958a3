import Diagnostics
import Market

/// Imports candles and what belongs to them from CSV files, gzip files and ZIP archives.
public struct CandleImporter: Sendable {
  /// What the files hold and how they are laid out.
  public struct Options: Codable, Equatable, Sendable {
    /// The exchange's symbol, for example `BTCUSDT`.
    public var symbol: String
    /// Length of every candle.
    public var interval: Interval
    /// Source column of each Tern column for files with names of their own; empty means the known layouts.
    public var columns: ColumnMapping

    /// Creates options.
    public init(symbol: String, interval: Interval, columns: ColumnMapping = ColumnMapping()) {
      self.symbol = symbol
      self.interval = interval
      self.columns = columns
    }
  }

  /// The options.
  public let options: Options

  /// Creates an importer.
  public init(options: Options) { self.options = options }

  /// Reads candles strictly: any defect is an error, except gaps, which are reported.
  /// - Throws: `TernError` of kind `data` with file, line, column, found and expected.
  public func candles(from paths: [String]) throws(TernError) -> (series: CandleSeries, report: ImportReport) {
    throw TernError(.internalFailure, "not available")
  }

  /// Reads candles leniently, for inspection and repair: defects of cells and rows are recorded, not thrown.
  /// - Throws: `TernError` of kind `data` only where a file cannot be read or its columns cannot be found.
  public func rawCandles(from paths: [String]) throws(TernError) -> (raw: RawCandles, report: ImportReport) {
    throw TernError(.internalFailure, "not available")
  }

  /// Reads funding rates.
  /// - Throws: `TernError` of kind `data` with file, line, column, found and expected.
  public func funding(from paths: [String]) throws(TernError) -> (series: FundingSeries, report: ImportReport) {
    throw TernError(.internalFailure, "not available")
  }

  /// Reads mark-price candles of the options' interval; each close is known at its candle's end.
  /// - Throws: `TernError` of kind `data` with file, line, column, found and expected.
  public func markPrice(from paths: [String]) throws(TernError) -> (series: MarkPriceSeries, report: ImportReport) {
    throw TernError(.internalFailure, "not available")
  }

  /// Reads best bid and ask.
  /// - Parameter sampling: keeps only the last quote of each such window; nil keeps one per millisecond.
  /// - Throws: `TernError` of kind `data` with file, line, column, found and expected.
  public func quotes(
    from paths: [String], sampling: Interval? = nil
  ) throws(TernError) -> (series: QuoteSeries, report: ImportReport) {
    throw TernError(.internalFailure, "not available")
  }
}
