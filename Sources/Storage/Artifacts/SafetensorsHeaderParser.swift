import Diagnostics

/// A strict parser of the one JSON shape that a safetensors header may have.
///
/// General JSON decoders keep the last of two equal keys in silence; here a duplicate is an error, as in the
/// reference implementation. Nothing nests beyond a fixed depth, so no input can exhaust the stack.
struct SafetensorsHeaderParser {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func parse() throws(TernError) -> ([SafetensorsHeader.Entry], [String: String]) {
    var entries: [SafetensorsHeader.Entry] = []
    var metadata: [String: String]?
    var names: Set<String> = []
    try object { parser, name throws(TernError) in
      if name == "__metadata__" {
        guard metadata == nil else { throw parser.problem("appears twice", key: name) }
        metadata = try parser.strings()
      } else {
        guard names.insert(name).inserted else { throw parser.problem("appears twice", key: name) }
        entries.append(try parser.entry(name))
      }
    }
    skipSpace()
    guard position == bytes.count else { throw problem("something follows the header's object") }
    return (entries, metadata ?? [:])
  }

  private mutating func entry(_ name: String) throws(TernError) -> SafetensorsHeader.Entry {
    var type: TensorElementType?
    var shape: [Int]?
    var offsets: [Int]?
    try object { parser, key throws(TernError) in
      switch key {
      case "dtype" where type == nil:
        let text = try parser.string()
        guard let known = TensorElementType(rawValue: text) else {
          throw TernError(
            .data, "has an unsupported element type", key: name, found: text,
            expected: TensorElementType.allCases.map(\.rawValue).joined(separator: ", "))
        }
        type = known
      case "shape" where shape == nil: shape = try parser.integers()
      case "data_offsets" where offsets == nil: offsets = try parser.integers()
      default: throw parser.problem("unknown or repeated key \(key)", key: name)
      }
    }
    guard let type, let shape, let offsets else {
      throw TernError(.data, "lacks dtype, shape or data_offsets", key: name)
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw TernError(.data, "has bad data_offsets", key: name, found: "\(offsets)", expected: "[begin, end]")
    }
    return SafetensorsHeader.Entry(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  private mutating func strings() throws(TernError) -> [String: String] {
    var result: [String: String] = [:]
    try object { parser, key throws(TernError) in
      let value = try parser.string()
      guard result.updateValue(value, forKey: key) == nil else {
        throw parser.problem("appears twice in __metadata__", key: key)
      }
    }
    return result
  }

  private mutating func object(
    _ member: (inout SafetensorsHeaderParser, String) throws(TernError) -> Void
  ) throws(TernError) {
    try expect("{")
    if accept("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(&self, key)
    } while accept(",")
    try expect("}")
  }

  private mutating func integers() throws(TernError) -> [Int] {
    var result: [Int] = []
    try expect("[")
    if accept("]") { return result }
    repeat { result.append(try integer()) } while accept(",")
    try expect("]")
    return result
  }

  private mutating func integer() throws(TernError) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while position < bytes.count, case let digit = bytes[position] &- 48, digit <= 9 {
      let (scaled, first) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) = scaled.addingReportingOverflow(Int(digit))
      guard !first, !second else { throw problem("the number is too large") }
      value = sum
      position += 1
    }
    let length = position - start
    guard length == 1 || (length > 1 && bytes[start] != UInt8(ascii: "0")) else {
      throw problem("a whole number was expected")
    }
    return value
  }

  private mutating func string() throws(TernError) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<32: throw problem("a control character within a string")
      default: text.append(byte)
      }
    }
    throw problem("a string does not end")
  }

  private mutating func escape(into text: inout [UInt8]) throws(TernError) {
    guard position < bytes.count else { throw problem("a string does not end") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"): text.append(contentsOf: String(try scalar()).utf8)
    default: throw problem("an unknown escape within a string")
    }
  }

  private mutating func scalar() throws(TernError) -> Character {
    let first = try hexadecimal()
    var code = first
    if (0xD800..<0xDC00).contains(first) {
      guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      else { throw problem("half a surrogate pair within a string") }
      position += 2
      let second = try hexadecimal()
      guard (0xDC00..<0xE000).contains(second) else { throw problem("half a surrogate pair within a string") }
      code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw problem("half a surrogate pair within a string") }
    return Character(scalar)
  }

  private mutating func hexadecimal() throws(TernError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
      else {
        throw problem("four hexadecimal digits were expected")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func skipSpace() {
    while position < bytes.count, [9, 10, 13, 32].contains(bytes[position]) { position += 1 }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(TernError) {
    guard accept(character) else { throw problem("\(character) was expected") }
  }

  private func problem(_ what: String, key: String? = nil) -> TernError {
    TernError(.data, "malformed header at byte \(8 + position): \(what)", key: key)
  }
}
