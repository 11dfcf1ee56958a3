import Diagnostics

/// One attribute, not yet read.
struct Attribute {
  let type: StoredType?
  let isScalar: Bool
  private let data: FieldReader
  private let key: String

  /// The attribute of that name of the object whose header lies at an address; nil when there is none.
  static func find(
    _ name: String, of object: String, at address: UInt64, in metadata: Metadata
  ) throws(TernError) -> Attribute? {
    let header = try metadata.header(at: address)
    try header.refuseDense(.attributeInfo)
    var found: Attribute?
    for message in header.messages where message.kind == .attribute {
      let (title, attribute) = try parse(message.fields, object)
      guard title == name else { continue }
      guard found == nil else { throw message.fields.damaged("the name \(name) twice") }
      found = attribute
    }
    return found
  }

  /// An attribute message, version 3 (IV.A.2.m).
  private static func parse(
    _ message: FieldReader, _ object: String
  ) throws(TernError) -> (name: String, attribute: Attribute) {
    var fields = message
    try fields.expect(3, "version")
    try fields.expect(0, "the flags of shared parts")
    let nameLength = Int(try fields.unsigned(2))
    let typeLength = Int(try fields.unsigned(2))
    let spaceLength = Int(try fields.unsigned(2))
    try fields.skip(1)
    guard nameLength > 0 else { throw fields.damaged("an empty name") }
    let name = try fields.text(nameLength - 1)
    try fields.expect(0, "the end of the name")
    let type = try StoredType(try fields.block(typeLength, "an attribute's type"))
    let extents = try Extents(try fields.block(spaceLength, "an attribute's extents"))
    let data = try fields.block(fields.remaining, "the attribute \(name)")
    return (
      name, Attribute(type: type, isScalar: extents == .scalar, data: data, key: "\(object)@\(name)")
    )
  }

  func integer() throws(TernError) -> Int64 {
    guard isScalar, type == .int64 else { throw wrongType("a 64-bit integer") }
    var fields = data
    return Int64(bitPattern: try fields.unsigned(8))
  }

  func double() throws(TernError) -> Double {
    guard isScalar, type == .float64 else { throw wrongType("a 64-bit floating-point number") }
    var fields = data
    return Double(bitPattern: try fields.unsigned(8))
  }

  func string(in metadata: Metadata) throws(TernError) -> String {
    var fields = data
    guard isScalar else { throw wrongType("a string") }
    let bytes: ArraySlice<UInt8>
    switch type {
    case .fixedString(let size):
      let block = try fields.block(size, fields.subject)
      bytes = block.bytes[block.position..<block.end]
    case .variableString:
      let length = try fields.count(4, atMost: Metadata.Limit.text, "a length")
      let collection = try fields.unsigned(8)
      let index = Int(try fields.unsigned(4))
      // A null reference is how an empty string is written.
      guard length > 0 else { return "" }
      bytes = try GlobalHeap.object(index, at: collection, length: length, in: metadata)[...]
    default: throw wrongType("a string")
    }
    guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else {
      throw wrongType("UTF-8")
    }
    return text
  }

  private func wrongType(_ expected: String) -> TernError {
    TernError(.data, "the attribute has another type", file: data.file, key: key, expected: expected)
  }
}

/// Strings of variable length (III.E).
enum GlobalHeap {
  /// The first `length` bytes of an object of a collection.
  static func object(
    _ index: Int, at address: UInt64, length: Int, in metadata: Metadata
  ) throws(TernError) -> [UInt8] {
    let file = metadata.source.path
    var start = FieldReader(
      try metadata.bytes(at: address, count: 16), file: file, subject: "the heap at \(address)")
    try start.expect(signature: "GCOL")
    try start.expect(1, "version")
    try start.skip(3)
    let size = try start.count(8, atMost: Metadata.Limit.text, "a size")
    guard size >= 16 else { throw start.damaged("a size of \(size)") }
    var heap = FieldReader(
      try metadata.bytes(at: address, count: size), file: file, subject: "the heap at \(address)")
    try heap.skip(16)
    while heap.remaining >= 16 {
      let number = Int(try heap.unsigned(2))
      try heap.skip(6)
      let count = try heap.count(8, atMost: size, "an object's size")
      // Object 0 is the free space that ends the collection.
      if number == 0 { break }
      if number == index {
        guard length <= count else {
          throw heap.damaged("an object of \(count) bytes", expected: "\(length)")
        }
        let block = try heap.block(length, heap.subject)
        return Array(block.bytes[block.position..<block.end])
      }
      try heap.skip(min(heap.remaining, (count + 7) & ~7))
    }
    throw heap.damaged("no object \(index)")
  }
}
