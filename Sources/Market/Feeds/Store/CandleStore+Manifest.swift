import Files
import Market

extension CandleStore {
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
    /// SHA-256 over format, symbol, interval and the columns' digests: the dataset's identity, free of its provenance.
    public var digest: Digest

    /// The row of the first candle that opens at or after an instant, as far as the manifest is right.
    func row(at instant: Int64) -> Int {
      func steps(from start: Int64) -> Int64 {
        let length = interval.milliseconds
        return (min(instant, last) &- start &+ length &- 1) / length
      }
      guard first >= 0, first < instant else { return 0 }
      return gaps.reduce(Int(steps(from: first))) { row, gap in
        gap.start < instant ? row &- min(gap.missing, Int(steps(from: gap.start))) : row
      }
    }

    package init(_ data: MarketData, columns: [StoreColumns.Column], provenance: Provenance) {
      format = CandleStore.format
      symbol = data.candles.symbol
      interval = data.candles.interval
      rows = data.candles.count
      first = data.candles.openTime.first ?? 0
      last = data.candles.openTime.last ?? 0
      gaps = data.candles.gaps()
      self.columns = columns.map { Column(path: $0.path, rows: $0.count, digest: $0.digest) }
      self.provenance = provenance
      digest = Manifest.identity(symbol: symbol, interval: interval, columns: self.columns)
    }

    package static func identity(symbol: String, interval: Interval, columns: [Column]) -> Digest {
      let lines = columns.map { "\($0.path) \($0.rows) \($0.digest)\n" }.joined()
      return Digest(of: "tern-market \(CandleStore.format)\n\(symbol)\n\(interval)\n\(lines)".utf8)
    }
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
}
