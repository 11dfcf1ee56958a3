/// Writes JSON without white space; numbers are the shortest text that reads back as the same number of their width.
enum JSONWriter {
  /// The bytes of a document.
  static func write(_ value: FormatOutput) -> [UInt8] {
    var bytes: [UInt8] = []
    append(value, to: &bytes)
    return bytes
  }

  private static func append(_ value: FormatOutput, to bytes: inout [UInt8]) {
    switch value {
    case .text(let text): append(text: text, to: &bytes)
    case .floats(let values): append(list: values, to: &bytes) { number($0.description) }
    case .doubles(let values): append(list: values, to: &bytes) { number($0.description) }
    case .integers(let values): append(list: values, to: &bytes) { "\($0)" }
    case .longs(let values): append(list: values, to: &bytes) { "\($0)" }
    case .bytes(let values): append(list: values, to: &bytes) { "\($0)" }
    case .signedBytes(let values): append(list: values, to: &bytes) { "\($0)" }
    case .integer(let value): bytes += Array("\(value)".utf8)
    case .double(let value): bytes += Array(number(value.description).utf8)
    case .flag(let value): bytes += Array("\(value)".utf8)
    case .null: bytes += Array("null".utf8)
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(value, to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(text: member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(member.value, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// Swift's words for numbers that are not finite, as the readers of model files know them.
  private static func number(_ text: String) -> String {
    switch text {
    case "nan", "-nan": "NaN"
    case "inf": "Infinity"
    case "-inf": "-Infinity"
    default: text
    }
  }

  private static func append<Element>(
    list: [Element], to bytes: inout [UInt8], _ text: (Element) -> String
  ) {
    bytes.append(UInt8(ascii: "["))
    for (index, element) in list.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: text(element).utf8)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private static func append(text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<32:
        let digits = Array("0123456789abcdef".utf8)
        bytes += Array("\\u00".utf8) + [digits[Int(byte) >> 4], digits[Int(byte) & 15]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
