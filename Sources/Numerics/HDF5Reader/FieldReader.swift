import Diagnostics

/// The little-endian fields of one block of metadata; every access is checked against the block's end.
struct FieldReader {
  /// An address that stands for "nowhere".
  static let undefined = UInt64.max

  let bytes: [UInt8]
  private(set) var position: Int
  let end: Int
  let file: String
  /// What the block is, for messages.
  let subject: String

  init(_ bytes: [UInt8], file: String, subject: String) {
    self.bytes = bytes
    self.file = file
    self.subject = subject
    position = 0
    end = bytes.count
  }

  private init(_ whole: FieldReader, _ range: Range<Int>, subject: String) {
    bytes = whole.bytes
    file = whole.file
    self.subject = subject
    position = range.lowerBound
    end = range.upperBound
  }

  /// Bytes that are left.
  var remaining: Int { end - position }

  /// An unsigned integer of `width` bytes, 1 to 8.
  mutating func unsigned(_ width: Int) throws(TernError) -> UInt64 {
    try require(width)
    var value: UInt64 = 0
    for index in 0..<width { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += width
    return value
  }

  /// A count or size of `width` bytes that must be at most `limit`.
  mutating func count(_ width: Int, atMost limit: Int, _ what: String) throws(TernError) -> Int {
    let value = try unsigned(width)
    guard value <= UInt64(limit) else {
      throw damaged("\(what) of \(value)", expected: "at most \(limit)")
    }
    return Int(value)
  }

  /// One byte.
  mutating func byte() throws(TernError) -> UInt8 { UInt8(truncatingIfNeeded: try unsigned(1)) }

  /// Passes over bytes.
  mutating func skip(_ count: Int) throws(TernError) {
    try require(count)
    position += count
  }

  /// Refuses any other value of the next byte.
  mutating func expect(_ value: UInt8, _ what: String) throws(TernError) {
    let found = try byte()
    guard found == value else { throw damaged("\(what) \(found)", expected: "\(value)") }
  }

  /// Refuses another four-letter signature.
  mutating func expect(signature: StaticString) throws(TernError) {
    try require(4)
    let matches = signature.withUTF8Buffer { $0.elementsEqual(bytes[position..<position + 4]) }
    guard matches else { throw damaged("other bytes", expected: "the signature \(signature)") }
    position += 4
  }

  /// The next `count` bytes as a block of their own, which is passed over.
  mutating func block(_ count: Int, _ subject: String) throws(TernError) -> FieldReader {
    try require(count)
    defer { position += count }
    return FieldReader(self, position..<position + count, subject: subject)
  }

  /// The next `count` bytes as UTF-8.
  mutating func text(_ count: Int) throws(TernError) -> String {
    try require(count)
    guard let text = String(validating: bytes[position..<position + count], as: UTF8.self) else {
      throw damaged("bytes that are not UTF-8")
    }
    position += count
    return text
  }

  func damaged(_ found: String, expected: String? = nil) -> TernError {
    TernError(.data, "\(subject) is damaged or of a kind that is not read here", file: file, found: found, expected: expected)
  }

  private func require(_ count: Int) throws(TernError) {
    guard count >= 0, count <= end - position else {
      throw damaged("\(end - position) bytes left", expected: "\(count) more")
    }
  }
}
