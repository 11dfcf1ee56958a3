import Diagnostics

/// Parses Universal Binary JSON as XGBoost writes it: big-endian numbers, typed and counted arrays.
///
/// Lengths are held against the bytes that are left before anything is allocated.
struct UBJSONParser {
  private let bytes: [UInt8]
  private let file: String?
  private var at = 0

  private init(_ bytes: [UInt8], file: String?) {
    self.bytes = bytes
    self.file = file
  }

  /// Parses a whole document.
  static func parse(_ bytes: [UInt8], file: String?) throws(TernError) -> Located {
    var parser = UBJSONParser(bytes, file: file)
    let value = try parser.value(try parser.byte(), depth: 0)
    guard parser.at == bytes.count else { throw parser.error("bytes follow the document") }
    return Located(value: value, path: "", file: file)
  }

  private func error(_ message: String, found: String? = nil, expected: String? = nil) -> TernError {
    TernError(.data, "\(message) at byte \(at)", file: file, found: found, expected: expected)
  }

  private mutating func byte() throws(TernError) -> UInt8 {
    guard at < bytes.count else { throw error("the file ends early") }
    at += 1
    return bytes[at - 1]
  }

  private mutating func bits(_ width: Int) throws(TernError) -> UInt64 {
    guard bytes.count - at >= width else { throw error("the file ends early") }
    var result: UInt64 = 0
    for byte in bytes[at..<at + width] { result = result << 8 | UInt64(byte) }
    at += width
    return result
  }

  /// Bytes of a number of a type, nil if the letter names none.
  private static func width(of type: UInt8) -> Int? {
    switch type {
    case UInt8(ascii: "i"), UInt8(ascii: "U"): 1
    case UInt8(ascii: "I"): 2
    case UInt8(ascii: "l"), UInt8(ascii: "d"): 4
    case UInt8(ascii: "L"), UInt8(ascii: "D"): 8
    default: nil
    }
  }

  private mutating func number(_ type: UInt8) throws(TernError) -> FormatNumber {
    switch type {
    case UInt8(ascii: "d"): return FormatNumber(Float(bitPattern: UInt32(truncatingIfNeeded: try bits(4))))
    case UInt8(ascii: "D"): return FormatNumber(Double(bitPattern: try bits(8)))
    default:
      let whole = try integer(type)
      return FormatNumber(double: Double(whole), float: Float(whole))
    }
  }

  private mutating func integer(_ type: UInt8) throws(TernError) -> Int64 {
    switch type {
    case UInt8(ascii: "i"): return Int64(Int8(truncatingIfNeeded: try bits(1)))
    case UInt8(ascii: "U"): return Int64(try bits(1))
    case UInt8(ascii: "I"): return Int64(Int16(truncatingIfNeeded: try bits(2)))
    case UInt8(ascii: "l"): return Int64(Int32(truncatingIfNeeded: try bits(4)))
    case UInt8(ascii: "L"): return Int64(bitPattern: try bits(8))
    default:
      throw error(
        "is not a whole number", found: "type \(type)", expected: "one of the types i, U, I, l, L")
    }
  }

  private mutating func length(bytesEach: Int) throws(TernError) -> Int {
    let count = try integer(try byte())
    guard count >= 0, count <= (bytes.count - at) / max(bytesEach, 1) else {
      throw error(
        "a length is greater than the file", found: "\(count)", expected: "<= \(bytes.count - at) bytes")
    }
    return Int(count)
  }

  private mutating func text() throws(TernError) -> String {
    let count = try length(bytesEach: 1)
    defer { at += count }
    return String(decoding: bytes[at..<at + count], as: UTF8.self)
  }

  private mutating func value(_ type: UInt8, depth: Int) throws(TernError) -> FormatValue {
    guard depth < JSONParser.depthLimit else { throw error("is nested too deeply") }
    switch type {
    case UInt8(ascii: "Z"): return .null
    case UInt8(ascii: "T"): return .bool(true)
    case UInt8(ascii: "F"): return .bool(false)
    case UInt8(ascii: "S"): return .string(try text())
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    default:
      guard UBJSONParser.width(of: type) != nil else {
        throw error("an unknown type", found: "type \(type)", expected: "Z T F S { [ or a number")
      }
      return .number(try number(type))
    }
  }

  private mutating func object(depth: Int) throws(TernError) -> FormatValue {
    var members: [(key: String, value: FormatValue)] = []
    while true {
      guard at < bytes.count else { throw error("an object is not closed", expected: "}") }
      if bytes[at] == UInt8(ascii: "}") {
        at += 1
        return .object(members)
      }
      let key = try text()
      members.append((key, try value(try byte(), depth: depth + 1)))
    }
  }

  private mutating func array(depth: Int) throws(TernError) -> FormatValue {
    var marker = try byte()
    if marker == UInt8(ascii: "$") {
      let type = try byte()
      guard let width = UBJSONParser.width(of: type), try byte() == UInt8(ascii: "#") else {
        throw error("a typed array needs a number type and a count", found: "type \(type)")
      }
      let count = try length(bytesEach: width)
      var numbers: [FormatNumber] = []
      numbers.reserveCapacity(count)
      for _ in 0..<count { numbers.append(try number(type)) }
      return .numbers(numbers)
    }
    var values: [FormatValue] = []
    if marker == UInt8(ascii: "#") {
      for _ in 0..<(try length(bytesEach: 1)) { values.append(try value(try byte(), depth: depth + 1)) }
    } else {
      while marker != UInt8(ascii: "]") {
        values.append(try value(marker, depth: depth + 1))
        marker = try byte()
      }
    }
    return values.isEmpty ? .numbers([]) : .array(values)
  }
}
