import Diagnostics
import Files
import Market

/// The columnar market file: HDF5 with one dataset per column and a manifest that covers every byte of them.
public enum CandleStore {
  /// What a store says about itself.
  public struct Manifest: Codable, Equatable, Sendable {
    /// One column.
    public struct Column: Codable, Equatable, Sendable {
      /// The dataset's path, for example `candles/open`.
      public var path: String
      /// Number of values.
      public var rows: Int
      /// SHA-256 of the values as little-endian bytes.
      public var digest: Digest
    }

    /// Version of the format, 1.
    public var format: Int
    /// The exchange's symbol.
    public var symbol: String
    /// Length of every candle.
    public var interval: Interval
    /// Number of candles.
    public var rows: Int
    /// Open time of the first candle, milliseconds since the epoch, UTC.
    public var first: Int64
    /// Open time of the last candle.
    public var last: Int64
    /// Stretches without candles.
    public var gaps: [CandleGap]
    /// The columns in file order.
    public var columns: [Column]
    /// Where the data came from.
    public var provenance: Provenance
    /// SHA-256 over symbol, interval and the columns' digests: the dataset's identity, free of its provenance.
    public var digest: Digest
  }

  /// Where data came from.
  public struct Provenance: Codable, Equatable, Sendable {
    /// `import`, `synthesize`, `repair` or `fetch`.
    public var origin: String
    /// The input files.
    public var sources: [ImportReport.Source]
    /// Settings that led to the data, by name.
    public var settings: [String: String]

    /// Creates a provenance.
    public init(origin: String, sources: [ImportReport.Source] = [], settings: [String: String] = [:]) {
      self.origin = origin
      self.sources = sources
      self.settings = settings
    }
  }

  /// Writes a store; on any failure `path` is left as it was.
  /// - Throws: `TernError` of kind `data` for invalid series, `temporary` for a full disk.
  @discardableResult
  public static func write(
    _ data: MarketData, to path: String, provenance: Provenance
  ) throws(TernError) -> Manifest {
    throw TernError(.internalFailure, "not available", file: path)
  }

  /// Reads a store and verifies every column against the manifest.
  /// - Throws: `TernError` of kind `data` when the file is damaged, cut short, changed or of another format.
  public static func read(_ path: String) throws(TernError) -> (data: MarketData, manifest: Manifest) {
    throw TernError(.internalFailure, "not available", file: path)
  }

  /// Reads the manifest alone, without verifying the columns.
  /// - Throws: `TernError` of kind `data` when the file is not a store.
  public static func manifest(of path: String) throws(TernError) -> Manifest {
    throw TernError(.internalFailure, "not available", file: path)
  }
}
