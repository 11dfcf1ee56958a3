/// Writes Universal Binary JSON in XGBoost's manner: all lengths as 64-bit integers, typed arrays of numbers.
enum UBJSONWriter {
  /// The bytes of a document.
  static func write(_ value: FormatOutput) -> [UInt8] {
    var bytes: [UInt8] = []
    append(value, to: &bytes)
    return bytes
  }

  private static func append(_ value: FormatOutput, to bytes: inout [UInt8]) {
    switch value {
    case .text(let text):
      bytes.append(UInt8(ascii: "S"))
      append(text: text, to: &bytes)
    case .floats(let values): append(values, "d", to: &bytes) { $0.bitPattern }
    case .doubles(let values): append(values, "D", to: &bytes) { $0.bitPattern }
    case .integers(let values): append(values, "l", to: &bytes) { $0 }
    case .longs(let values): append(values, "L", to: &bytes) { $0 }
    case .bytes(let values): append(values, "U", to: &bytes) { $0 }
    case .signedBytes(let values): append(values, "i", to: &bytes) { $0 }
    case .integer(let value):
      bytes.append(UInt8(ascii: "L"))
      append(bits: value, to: &bytes)
    case .double(let value):
      bytes.append(UInt8(ascii: "D"))
      append(bits: value.bitPattern, to: &bytes)
    case .flag(let value): bytes.append(value ? UInt8(ascii: "T") : UInt8(ascii: "F"))
    case .null: bytes.append(UInt8(ascii: "Z"))
    case .array(let values):
      bytes += [UInt8(ascii: "["), UInt8(ascii: "#")]
      append(length: values.count, to: &bytes)
      for value in values { append(value, to: &bytes) }
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (key, value) in members {
        append(text: key, to: &bytes)
        append(value, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func append(text: String, to bytes: inout [UInt8]) {
    append(length: text.utf8.count, to: &bytes)
    bytes.append(contentsOf: text.utf8)
  }

  private static func append(length: Int, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "L"))
    append(bits: Int64(length), to: &bytes)
  }

  private static func append(bits: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: bits.bigEndian) { bytes.append(contentsOf: $0) }
  }

  private static func append<Element>(
    _ values: [Element], _ type: Unicode.Scalar, to bytes: inout [UInt8],
    _ bits: (Element) -> some FixedWidthInteger
  ) {
    bytes += [UInt8(ascii: "["), UInt8(ascii: "$"), UInt8(ascii: type), UInt8(ascii: "#")]
    append(length: values.count, to: &bytes)
    for value in values { append(bits: bits(value), to: &bytes) }
  }
}
