import Diagnostics
import Market

extension CandleImporter.Options {
  /// Import options of candle files, filling symbol and interval from names such as `BTCUSDT-1m-2023-01.zip` or
  /// `spot_BTCUSDT_1m_2023.csv.gz`.
  /// - Parameters:
  ///   - paths: the files; the first one's name counts.
  ///   - symbol: the exchange's symbol; taken from the file name when nil.
  ///   - interval: the candle interval; taken from the file name when nil.
  /// - Throws: `TernError` of kind `usage` when neither the caller nor the file name tells.
  public init(naming paths: [String], symbol: String?, interval: String?) throws(TernError) {
    guard let path = paths.first else { throw TernError(.usage, "no candle file is named") }
    let words = CandleStore.fileName(path).split { !$0.isLetter && !$0.isNumber }.map(String.init)
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
    self.init(symbol: symbol, interval: try Interval(interval))
  }
}

extension CandleStore {
  /// Whether a path names a store by its suffix.
  public static func isStore(_ path: String) -> Bool { path.hasSuffix(".h5") || path.hasSuffix(".hdf5") }

  /// A path without its folders.
  static func fileName(_ path: String) -> String {
    String(path.split(separator: "/").last ?? Substring(path))
  }
}
