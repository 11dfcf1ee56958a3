extension Decoder {
  /// Reads a value from its text form, naming the place when `parse` refuses the text.
  public func parseText<Value>(_ parse: (String) throws(TernError) -> Value) throws -> Value {
    let text = try String(from: self)
    do throws(TernError) {
      return try parse(text)
    } catch {
      var error = error
      error.key = error.key ?? codingPath.map(\.stringValue).joined(separator: ".")
      throw error
    }
  }

  /// Refuses a configuration that holds a key its type does not know, which plain decoding would pass over.
  /// - Throws: `TernError` of kind `configuration` naming the key's path and the nearest known one.
  public func rejectUnknownKeys<Key: CodingKey & CaseIterable>(_ known: Key.Type) throws {
    try rejectUnknownKeys(known.allCases.map(\.stringValue))
  }

  /// The same for the keys of several types that one section holds.
  public func rejectUnknownKeys(_ names: [String]) throws {
    for key in try container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).sorted()
    where !names.contains(key) {
      let hint = nearestName(to: key, among: names).map { "; did you mean \($0)?" } ?? ""
      throw TernError(
        .configuration, "is not a known key\(hint)",
        key: (codingPath.map(\.stringValue) + [key]).joined(separator: "."),
        expected: "one of \(names.joined(separator: ", "))")
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
