import Diagnostics

extension KeyedDecodingContainer {
  /// An exact number written as text or, in a configuration a person wrote, as a plain number; nil when absent.
  ///
  /// A plain number goes through a `Double`, which keeps decimals of up to 15 digits.
  /// - Throws: `TernError` of kind `configuration` naming the key.
  public func decodeFixedPoint<Value: FixedPoint>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    guard contains(key), try !decodeNil(forKey: key) else { return nil }
    let path = (codingPath + [key]).map(\.stringValue).joined(separator: ".")
    do {
      if let text = try? decode(String.self, forKey: key) { return try Value(text) }
      return try Value(try decode(Double.self, forKey: key))
    } catch let error as TernError {
      throw TernError(
        .configuration, error.message, key: path, found: error.found, expected: error.expected)
    }
  }
}
