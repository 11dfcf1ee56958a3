/// Reads `Decodable` types from nodes.
///
/// Strict where it matters: whole numbers refuse fractions and exponents, numbers and truth values refuse quotes, and
/// text refuses `null`. A plain number is accepted as text (`symbol: 1000`). Errors are `DecodingError`s with the full
/// coding path; errors thrown by the types themselves pass through unchanged.
public struct YAMLDecoder: Sendable {
  /// Creates a decoder.
  public init() {}

  /// Decodes a value from a node.
  public func decode<Value: Decodable>(_ type: Value.Type, from node: YAMLNode) throws -> Value {
    try NodeDecoder(node: node, codingPath: []).value(type)
  }
}

/// A position in a list as a coding key.
struct PositionKey: CodingKey {
  let position: Int
  var stringValue: String { "\(position)" }
  var intValue: Int? { position }
  init(_ position: Int) { self.position = position }
  init?(intValue: Int) { self.init(intValue) }
  init?(stringValue: String) { return nil }
}

/// The key that `superDecoder()` stands for.
private struct SuperKey: CodingKey {
  var stringValue: String { "super" }
  var intValue: Int? { nil }
  init() {}
  init?(intValue: Int) { return nil }
  init?(stringValue: String) { return nil }
}

struct NodeDecoder: Decoder {
  let node: YAMLNode
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard let mapping = node.mapping else { throw mismatch(YAMLMapping.self) }
    return KeyedDecodingContainer(KeyedNodes<Key>(decoder: self, mapping: mapping))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard let sequence = node.sequence else { throw mismatch(YAMLSequence.self) }
    return NodeList(decoder: self, items: sequence.items)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func child(_ node: YAMLNode, _ key: any CodingKey) -> NodeDecoder {
    NodeDecoder(node: node, codingPath: codingPath + [key])
  }

  /// Decodes a type through its own `init(from:)`; the standard scalars come back to the methods below.
  func value<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }

  private func mismatch(_ type: Any.Type) -> DecodingError {
    let context = DecodingError.Context(codingPath: codingPath, debugDescription: "does not fit")
    return node.scalar?.isNull ?? false ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }

  private func scalar<Value>(_ read: (YAMLScalar) -> Value?) throws -> Value {
    guard let scalar = node.scalar, let value = read(scalar) else { throw mismatch(Value.self) }
    return value
  }
}

extension NodeDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { node.scalar?.isNull ?? false }
  func decode(_ type: Bool.Type) throws -> Bool { try scalar(\.boolean) }
  func decode(_ type: String.Type) throws -> String { try scalar { $0.isNull ? nil : $0.text } }
  func decode(_ type: Double.Type) throws -> Double { try scalar { $0.number() } }
  func decode(_ type: Float.Type) throws -> Float { try scalar { $0.number() } }
  func decode(_ type: Int.Type) throws -> Int { try scalar { $0.integer() } }
  func decode(_ type: Int8.Type) throws -> Int8 { try scalar { $0.integer() } }
  func decode(_ type: Int16.Type) throws -> Int16 { try scalar { $0.integer() } }
  func decode(_ type: Int32.Type) throws -> Int32 { try scalar { $0.integer() } }
  func decode(_ type: Int64.Type) throws -> Int64 { try scalar { $0.integer() } }
  func decode(_ type: Int128.Type) throws -> Int128 { try scalar { $0.integer() } }
  func decode(_ type: UInt.Type) throws -> UInt { try scalar { $0.integer() } }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try scalar { $0.integer() } }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try scalar { $0.integer() } }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try scalar { $0.integer() } }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try scalar { $0.integer() } }
  func decode(_ type: UInt128.Type) throws -> UInt128 { try scalar { $0.integer() } }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try value(type) }
}

/// The keyed view of a mapping; typed accessors come from the protocol's generic method.
private struct KeyedNodes<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: NodeDecoder
  let mapping: YAMLMapping

  var codingPath: [any CodingKey] { decoder.codingPath }
  var allKeys: [Key] { mapping.entries.compactMap { Key(stringValue: $0.key.text) } }
  func contains(_ key: Key) -> Bool { mapping[key.stringValue] != nil }

  private func child(_ key: any CodingKey) throws -> NodeDecoder {
    guard let node = mapping[key.stringValue] else {
      throw DecodingError.keyNotFound(
        key, DecodingError.Context(codingPath: codingPath, debugDescription: "is missing"))
    }
    return decoder.child(node, key)
  }

  func decodeNil(forKey key: Key) throws -> Bool { try child(key).decodeNil() }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try child(key).value(type)
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try child(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try child(key).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder { try child(SuperKey()) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try child(key) }
}

/// The view of a list, read from front to back.
private struct NodeList: UnkeyedDecodingContainer {
  let decoder: NodeDecoder
  let items: [YAMLNode]
  var currentIndex = 0

  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { items.count }
  var isAtEnd: Bool { currentIndex >= items.count }

  private func current(_ type: Any.Type) throws -> NodeDecoder {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        type,
        DecodingError.Context(
          codingPath: codingPath + [PositionKey(currentIndex)], debugDescription: "the list ends here"))
    }
    return decoder.child(items[currentIndex], PositionKey(currentIndex))
  }

  mutating func decodeNil() throws -> Bool {
    guard try current(Never.self).decodeNil() else { return false }
    currentIndex += 1
    return true
  }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try current(type).value(type)
    currentIndex += 1
    return value
  }
  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    let container = try current(YAMLMapping.self).container(keyedBy: type)
    currentIndex += 1
    return container
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = try current(YAMLSequence.self).unkeyedContainer()
    currentIndex += 1
    return container
  }
  mutating func superDecoder() throws -> any Decoder {
    let child = try current(Never.self)
    currentIndex += 1
    return child
  }
}
