import Diagnostics

/// Refuses configuration keys that do not exist, which `Codable` would pass over in silence.
enum StrictKeys {
  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// - Throws: `TernError` of kind `configuration` naming the first unknown key and the nearest known one.
  static func check<Key: CodingKey & CaseIterable>(_ decoder: any Decoder, known: Key.Type) throws {
    let names = Key.allCases.map(\.stringValue)
    let found = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).sorted()
    guard let unknown = found.first(where: { !names.contains($0) }) else { return }
    let path = (decoder.codingPath.map(\.stringValue) + [unknown]).joined(separator: ".")
    throw TernError(
      .configuration, "is not a known key", key: path, found: unknown,
      expected: nearestName(to: unknown, among: names).map { "\($0)" } ?? names.joined(separator: ", "))
  }
}
