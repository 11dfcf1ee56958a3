import Datasets
import Diagnostics
import Feeds
import Files
import Market

/// A market loaded from wherever it lies: an HDF5 store, or candle CSVs that are imported on the fly.
public struct CandleSource: Sendable {
  /// The market.
  public let data: MarketData
  /// Digest of the candles and everything beside them.
  public let digest: Digest
  /// Where it came from, for reports.
  public let origin: String

  /// Names a market that is already in memory.
  public init(data: MarketData, digest: Digest, origin: String) {
    self.data = data
    self.digest = digest
    self.origin = origin
  }

  /// Loads one store, or imports candle files.
  /// - Parameters:
  ///   - paths: one `.h5` store, or candle files in any order.
  ///   - symbol: the exchange's symbol; taken from the file name when nil.
  ///   - interval: the candle interval; taken from the file name when nil.
  ///   - funding: funding-rate files that belong to candle files.
  /// - Throws: `TernError` of kind `data` for files that are not sound.
  public static func load(
    _ paths: [String], symbol: String? = nil, interval: String? = nil, funding: [String] = []
  ) throws(TernError) -> CandleSource {
    let origin = paths.map(fileName).joined(separator: ", ")
    if let store = paths.first, paths.count == 1, CandleStore.isStore(store) {
      guard funding.isEmpty else {
        throw TernError(.usage, "a store carries its own funding", file: store, key: "funding")
      }
      let (data, manifest) = try CandleStore.read(store)
      return CandleSource(data: data, digest: manifest.digest, origin: origin)
    }
    let importer = CandleImporter(options: try .init(naming: paths, symbol: symbol, interval: interval))
    let candles = try importer.candles(from: paths)
    var data = MarketData(candles: candles.series)
    var sources = candles.report.sources
    if !funding.isEmpty {
      let imported = try importer.funding(from: funding)
      data.funding = imported.series
      sources += imported.report.sources
    }
    // The same digest as the store that `tern data import` would write.
    let manifest = try CandleStore.describe(
      data, provenance: CandleStore.Provenance(origin: "import", sources: sources))
    return CandleSource(data: data, digest: manifest.digest, origin: origin)
  }

  private static func fileName(_ path: String) -> String {
    String(path.split(separator: "/").last ?? Substring(path))
  }
}
