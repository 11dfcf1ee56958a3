import Diagnostics

extension Decoder {
  /// Refuses a configuration that holds a key its type does not know, which plain decoding would pass over.
  /// - Throws: `TernError` of kind `configuration` naming the key and the nearest known one.
  public func rejectUnknownKeys<Key: CodingKey & CaseIterable>(_ known: Key.Type) throws {
    let names = known.allCases.map(\.stringValue)
    for key in try container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).sorted() where !names.contains(key) {
      let suggestion = nearestName(to: key, among: names).map { "\"\($0)\"?" }
      throw TernError(
        .configuration, "is not a known key", key: (codingPath.map(\.stringValue) + [key]).joined(separator: "."),
        found: "\"\(key)\"", expected: suggestion ?? "one of \(names.joined(separator: ", "))")
    }
  }
}

/// Any key at all.
private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
