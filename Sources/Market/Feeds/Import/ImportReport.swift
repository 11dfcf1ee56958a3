import Files
import Market

/// What an import read, for people and for the manifest.
public struct ImportReport: Codable, Equatable, Sendable {
  /// One input file, or one entry of an archive (`archive.zip/entry.csv`).
  public struct Source: Codable, Equatable, Sendable {
    /// The file's name without its folder.
    public var name: String
    /// SHA-256 of the file as it lies on the disk.
    public var digest: Digest
    /// Rows read.
    public var rows: Int
    /// First stamp, milliseconds since the epoch, UTC.
    public var first: Int64
    /// Last stamp, milliseconds since the epoch, UTC.
    public var last: Int64
  }

  /// The inputs in time order.
  public var sources: [Source] = []
  /// Rows imported.
  public var rows = 0
  /// Stretches without candles, in time order (candles only).
  public var gaps: [CandleGap] = []
  /// Doubtful things that a person should see.
  public var warnings: [String] = []

  /// An empty report.
  public init() {}
}

/// A stretch without candles.
public struct CandleGap: Codable, Equatable, Sendable {
  /// Open time of the first missing candle, milliseconds since the epoch, UTC.
  public var start: Int64
  /// Open time of the next candle that exists.
  public var end: Int64
  /// Number of missing candles.
  public var missing: Int

  /// Creates a gap.
  public init(start: Int64, end: Int64, missing: Int) {
    self.start = start
    self.end = end
    self.missing = missing
  }
}

extension CandleSeries {
  /// The stretches without candles, in time order; the series must be in time order.
  public func gaps() -> [CandleGap] {
    var gaps: [CandleGap] = []
    for index in 1..<max(1, count) {
      let expected = openTime[index - 1] + interval.milliseconds
      guard openTime[index] > expected else { continue }
      gaps.append(
        CandleGap(
          start: expected, end: openTime[index],
          missing: Int((openTime[index] - expected) / interval.milliseconds)))
    }
    return gaps
  }
}
