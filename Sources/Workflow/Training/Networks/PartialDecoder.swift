/// A section without some of its keys, for a type that refuses keys which it does not know.
struct PartialDecoder: Decoder {
  private let whole: any Decoder
  private let hidden: [String]

  /// Hides keys of a section; sections in it have all of theirs.
  init(_ whole: any Decoder, without hidden: [String]) {
    self.whole = whole
    self.hidden = hidden
  }

  var codingPath: [any CodingKey] { whole.codingPath }
  var userInfo: [CodingUserInfoKey: Any] { whole.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(PartialContainer(whole: try whole.container(keyedBy: type), hidden: hidden))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try whole.unkeyedContainer() }
  func singleValueContainer() throws -> any SingleValueDecodingContainer { try whole.singleValueContainer() }
}

/// The keys that are left; typed accessors come from the protocol's generic method.
private struct PartialContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let whole: KeyedDecodingContainer<Key>
  let hidden: [String]

  var codingPath: [any CodingKey] { whole.codingPath }
  var allKeys: [Key] { whole.allKeys.filter { !hidden.contains($0.stringValue) } }
  func contains(_ key: Key) -> Bool { !hidden.contains(key.stringValue) && whole.contains(key) }

  /// The key, if it is there to be seen.
  private func seen(_ key: Key) throws -> Key {
    guard contains(key) else {
      throw DecodingError.keyNotFound(
        key, DecodingError.Context(codingPath: codingPath, debugDescription: "is missing"))
    }
    return key
  }

  func decodeNil(forKey key: Key) throws -> Bool { try whole.decodeNil(forKey: seen(key)) }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try whole.decode(type, forKey: seen(key))
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try whole.nestedContainer(keyedBy: type, forKey: seen(key))
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try whole.nestedUnkeyedContainer(forKey: seen(key))
  }
  func superDecoder() throws -> any Decoder { try whole.superDecoder() }
  func superDecoder(forKey key: Key) throws -> any Decoder { try whole.superDecoder(forKey: seen(key)) }
}
