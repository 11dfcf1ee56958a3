import Diagnostics
import Glibc

/// Parses JSON as model files use it: RFC 8259, and the words NaN, Infinity and -Infinity as numbers.
///
/// Nothing in the input can make it trap: nesting is bounded, and numbers go through `strtod` and `strtof` only after
/// their grammar was checked.
struct JSONParser {
  /// The deepest nesting that is followed.
  static let depthLimit = 256

  /// The text and a zero byte, at which every scan stops.
  private let bytes: [UInt8]
  private let file: String?
  private var at = 0

  private init(_ bytes: [UInt8], file: String?) {
    self.bytes = bytes + [0]
    self.file = file
  }

  /// Parses a whole document.
  static func parse(_ bytes: [UInt8], file: String?) throws(TernError) -> Located {
    var parser = JSONParser(bytes, file: file)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.at == bytes.count else { throw parser.error("text follows the document") }
    return Located(value: value, path: "", file: file)
  }

  private func error(_ message: String, expected: String? = nil) -> TernError {
    let line = bytes[..<at].reduce(1) { $0 + ($1 == 10 ? 1 : 0) }
    let rest = bytes[at..<min(at + 12, bytes.count - 1)]
    return TernError(
      .data, message, file: file, line: line,
      found: rest.isEmpty ? "the end of the file" : "\"\(String(decoding: rest, as: UTF8.self))\"",
      expected: expected)
  }

  private mutating func skipSpace() {
    while [32, 9, 10, 13].contains(bytes[at]) { at += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard bytes[at] == byte, at < bytes.count - 1 else { return false }
    at += 1
    return true
  }

  private mutating func take(word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard at + length < bytes.count, (0..<length).allSatisfy({ bytes[at + $0] == word.utf8Start[$0] }) else {
      return false
    }
    at += length
    return true
  }

  private mutating func value(depth: Int) throws(TernError) -> FormatValue {
    guard depth < JSONParser.depthLimit else { throw error("is nested too deeply") }
    skipSpace()
    switch bytes[at] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t") where take(word: "true"): return .bool(true)
    case UInt8(ascii: "f") where take(word: "false"): return .bool(false)
    case UInt8(ascii: "n") where take(word: "null"): return .null
    default: return .number(try number())
    }
  }

  private mutating func object(depth: Int) throws(TernError) -> FormatValue {
    at += 1
    var members: [(key: String, value: FormatValue)] = []
    if take(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipSpace()
      guard bytes[at] == UInt8(ascii: "\"") else { throw error("a key must be a string", expected: "\"") }
      let key = try string()
      guard take(UInt8(ascii: ":")) else { throw error("a key must be followed by a colon", expected: ":") }
      members.append((key, try value(depth: depth + 1)))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw error("an object is not closed", expected: ", or }") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(TernError) -> FormatValue {
    at += 1
    var numbers: [FormatNumber] = []
    var values: [FormatValue] = []
    if take(UInt8(ascii: "]")) { return .numbers([]) }
    repeat {
      let element = try value(depth: depth + 1)
      if case .number(let number) = element, values.isEmpty {
        numbers.append(number)
      } else {
        if values.isEmpty { values = numbers.map(FormatValue.number) }
        values.append(element)
      }
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw error("an array is not closed", expected: ", or ]") }
    return values.isEmpty ? .numbers(numbers) : .array(values)
  }

  private mutating func number() throws(TernError) -> FormatNumber {
    if take(word: "NaN") { return FormatNumber(Double.nan) }
    if take(word: "Infinity") { return FormatNumber(Double.infinity) }
    if take(word: "-Infinity") { return FormatNumber(-Double.infinity) }
    let start = at
    if bytes[at] == UInt8(ascii: "-") { at += 1 }
    let digits = skipDigits()
    guard digits > 0 else {
      at = start
      throw error("is not a value", expected: "a JSON value")
    }
    var isWhole = true
    if bytes[at] == UInt8(ascii: ".") {
      at += 1
      isWhole = false
      guard skipDigits() > 0 else { throw error("a number ends in its point", expected: "a digit") }
    }
    if bytes[at] | 32 == UInt8(ascii: "e") {
      at += 1
      isWhole = false
      if bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      guard skipDigits() > 0 else { throw error("a number ends in its exponent", expected: "a digit") }
    }
    if isWhole, digits <= 15 {
      var whole: Int64 = 0
      for byte in bytes[start..<at] where byte != UInt8(ascii: "-") { whole = whole * 10 + Int64(byte - 48) }
      let isNegative = bytes[start] == UInt8(ascii: "-")
      return FormatNumber(
        double: isNegative ? -Double(whole) : Double(whole), float: isNegative ? -Float(whole) : Float(whole))
    }
    return bytes.withUnsafeBytes { raw in
      guard let base = raw.bindMemory(to: CChar.self).baseAddress else { return FormatNumber(Double.nan) }
      return FormatNumber(double: strtod(base + start, nil), float: strtof(base + start, nil))
    }
  }

  private mutating func skipDigits() -> Int {
    let start = at
    while bytes[at] >= 48, bytes[at] <= 57 { at += 1 }
    return at - start
  }

  private mutating func string() throws(TernError) -> String {
    at += 1
    let start = at
    while bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\"), bytes[at] >= 32 { at += 1 }
    if bytes[at] == UInt8(ascii: "\"") {
      at += 1
      return String(decoding: bytes[start..<at - 1], as: UTF8.self)
    }
    var text = Array(bytes[start..<at])
    while bytes[at] != UInt8(ascii: "\"") {
      guard bytes[at] >= 32 else { throw error("a string is not closed", expected: "\"") }
      if bytes[at] == UInt8(ascii: "\\") {
        at += 1
        try escape(into: &text)
      } else {
        text.append(bytes[at])
        at += 1
      }
    }
    at += 1
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func escape(into text: inout [UInt8]) throws(TernError) {
    let byte = bytes[at]
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      at += 1
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code) {
        guard take(word: "\\u") else { throw error("half a surrogate pair", expected: "\\u") }
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw error("half a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      text.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
      return
    default: throw error("an unknown escape", expected: "one of \\ \" / b f n r t u")
    }
    at += 1
  }

  private mutating func hexadecimal() throws(TernError) -> UInt32 {
    guard at + 4 < bytes.count,
      let code = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16), bytes[at] != 43
    else { throw error("an escape needs four hexadecimal digits") }
    at += 4
    return code
  }
}
