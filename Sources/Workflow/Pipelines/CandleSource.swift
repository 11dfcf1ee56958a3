import Datasets
import Diagnostics
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
    if let store = paths.first, paths.count == 1, isStore(store) {
      guard funding.isEmpty else {
        throw TernError(.usage, "a store carries its own funding", file: store, key: "funding")
      }
      let (data, manifest) = try CandleStore.read(store)
      return CandleSource(data: data, digest: manifest.digest, origin: origin)
    }
    let importer = CandleImporter(options: try options(for: paths, symbol: symbol, interval: interval))
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

  /// Whether a path names an HDF5 store.
  public static func isStore(_ path: String) -> Bool { path.hasSuffix(".h5") || path.hasSuffix(".hdf5") }

  /// Import options of candle files, filling symbol and interval from names such as `BTCUSDT-1m-2023-01.zip` or
  /// `spot_BTCUSDT_1m_2023.csv.gz`.
  /// - Throws: `TernError` of kind `usage` when neither the caller nor the file name tells.
  public static func options(
    for paths: [String], symbol: String?, interval: String?
  ) throws(TernError) -> CandleImporter.Options {
    guard let path = paths.first else { throw TernError(.usage, "no candle file is named") }
    let words = fileName(path).split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let named = words.first {
      $0.count >= 5 && $0.allSatisfy { $0.isUppercase || $0.isNumber } && $0.contains(where: \.isLetter)
    }
    let timed = words.first { word in
      (try? Interval(word)) != nil && word.count <= 3
    }
    guard let symbol = symbol ?? named else {
      throw TernError(
        .usage, "the symbol is not in the file name", file: path, key: "--symbol", expected: "such as BTCUSDT"
      )
    }
    guard let interval = interval ?? timed else {
      throw TernError(
        .usage, "the interval is not in the file name", file: path, key: "--interval", expected: "such as 1m")
    }
    return CandleImporter.Options(symbol: symbol, interval: try Interval(interval))
  }

  private static func fileName(_ path: String) -> String {
    String(path.split(separator: "/").last ?? Substring(path))
  }
}
