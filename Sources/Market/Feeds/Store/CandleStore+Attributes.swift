import Diagnostics
import Files
import Market

/// Where a store's attributes are read from.
package protocol StoreAttributes {
  /// The path of the file.
  var path: String { get }
  func hasAttribute(_ name: String, of object: String) throws(TernError) -> Bool
  func stringAttribute(_ name: String, of object: String) throws(TernError) -> String
  func integerAttribute(_ name: String, of object: String) throws(TernError) -> Int64
}

extension CandleStore {
  /// Reads the manifest and checks it against its digest, its own identity, and the other attributes.
  /// - Throws: `TernError` of kind `data` when the file is not a store.
  package static func readManifest(from file: some StoreAttributes) throws(TernError) -> Manifest {
    guard try file.hasAttribute("manifest", of: "/"), try file.hasAttribute("manifest_digest", of: "/") else {
      throw TernError(.data, "is not a market data file", file: file.path, expected: "a manifest attribute")
    }
    let version = try file.integerAttribute("format", of: "/")
    guard version == Int64(format) else {
      throw TernError(
        .data, "has another format version", file: file.path, key: "format", found: "\(version)",
        expected: "\(format)")
    }
    let json = Array(try file.stringAttribute("manifest", of: "/").utf8)
    let digest = Digest(of: json).description
    let stated = try file.stringAttribute("manifest_digest", of: "/")
    guard digest == stated else {
      throw TernError(
        .data, "the manifest was changed or is damaged", file: file.path, key: "manifest", found: digest,
        expected: stated)
    }
    let manifest = try CanonicalJSON.decode(Manifest.self, from: json, file: file.path)
    guard manifest.format == format, try file.stringAttribute("symbol", of: "/") == manifest.symbol,
      try file.stringAttribute("interval", of: "/") == manifest.interval.description
    else { throw TernError(.data, "attributes contradict the manifest", file: file.path) }
    guard
      Manifest.identity(symbol: manifest.symbol, interval: manifest.interval, columns: manifest.columns)
        == manifest.digest
    else { throw TernError(.data, "the manifest's digest does not cover its columns", file: file.path) }
    return manifest
  }
}
