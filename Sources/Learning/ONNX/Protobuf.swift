public import Diagnostics

/// Writes the wire format of protocol buffers.
public struct ProtobufWriter {
  /// What was written.
  public private(set) var bytes: [UInt8] = []

  /// Nothing written yet.
  public init() {}

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 128 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// A whole number.
  public mutating func integer(_ field: Int, _ value: Int64) {
    varint(UInt64(field) << 3)
    varint(UInt64(bitPattern: value))
  }

  /// Bytes, a string or a message.
  public mutating func bytes(_ field: Int, _ value: [UInt8]) {
    varint(UInt64(field) << 3 | 2)
    varint(UInt64(value.count))
    bytes += value
  }

  /// A string.
  public mutating func string(_ field: Int, _ value: String) { bytes(field, Array(value.utf8)) }

  /// A message that a closure fills.
  public mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    bytes(field, inner.bytes)
  }

  /// Packed 32-bit floats.
  public mutating func floats(_ field: Int, _ values: [Float]) {
    bytes(field, values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
  }

  /// Packed whole numbers.
  public mutating func integers(_ field: Int, _ values: [Int64]) {
    var inner = ProtobufWriter()
    for value in values { inner.varint(UInt64(bitPattern: value)) }
    bytes(field, inner.bytes)
  }
}

/// Reads the wire format of protocol buffers; every length is held against what is left.
public struct ProtobufReader {
  /// One field of a message.
  public enum Value {
    /// A number of variable length.
    case varint(UInt64)
    /// Four bytes.
    case fixed32(UInt32)
    /// Eight bytes.
    case fixed64(UInt64)
    /// Bytes, a string, a message or packed numbers.
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>
  private let file: String?

  /// Reads a message; the file is named in errors.
  public init(_ bytes: ArraySlice<UInt8>, file: String?) {
    rest = bytes
    self.file = file
  }

  private func error(_ message: String) -> TernError {
    TernError(.data, "\(message) at byte \(rest.startIndex)", file: file)
  }

  /// A number of seven bits a byte.
  public mutating func varint() throws(TernError) -> UInt64 {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw error("the file ends early") }
      result |= UInt64(byte & 127) << shift
      if byte < 128 { return result }
    }
    throw error("a number is too long")
  }

  private mutating func fixed(_ width: Int) throws(TernError) -> UInt64 {
    guard rest.count >= width else { throw error("the file ends early") }
    let result = rest.prefix(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    rest = rest.dropFirst(width)
    return result
  }

  /// The next field, or nil at the end.
  public mutating func next() throws(TernError) -> (field: Int, value: Value)? {
    if rest.isEmpty { return nil }
    let key = try varint()
    guard let field = Int(exactly: key >> 3), field > 0, field < 1 << 29 else {
      throw error("an impossible field")
    }
    switch key & 7 {
    case 0: return (field, .varint(try varint()))
    case 1: return (field, .fixed64(try fixed(8)))
    case 2:
      let length = try varint()
      guard length <= UInt64(rest.count) else { throw error("a length is greater than what is left") }
      let count = Int(length)
      defer { rest = rest.dropFirst(count) }
      return (field, .bytes(rest.prefix(count)))
    case 5: return (field, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
    default: throw error("an unknown wire type")
    }
  }

  /// Whole numbers of a repeated field, packed or not.
  public static func integers(_ value: Value, file: String?) throws(TernError) -> [Int64] {
    switch value {
    case .varint(let one): return [Int64(bitPattern: one)]
    case .bytes(let bytes):
      var reader = ProtobufReader(bytes, file: file)
      var result: [Int64] = []
      while !reader.rest.isEmpty { result.append(Int64(bitPattern: try reader.varint())) }
      return result
    default: throw TernError(.data, "a field is no list of whole numbers", file: file)
    }
  }

  /// 32-bit floats of a repeated field, packed or not.
  public static func floats(_ value: Value, file: String?) throws(TernError) -> [Float] {
    switch value {
    case .fixed32(let bits): return [Float(bitPattern: bits)]
    case .bytes(let bytes) where bytes.count % 4 == 0:
      var reader = ProtobufReader(bytes, file: file)
      var result: [Float] = []
      while !reader.rest.isEmpty {
        result.append(Float(bitPattern: UInt32(truncatingIfNeeded: try reader.fixed(4))))
      }
      return result
    default: throw TernError(.data, "a field is no list of floats", file: file)
    }
  }

  /// 64-bit floats stored one after another.
  public static func doubles(_ bytes: ArraySlice<UInt8>, file: String?) throws(TernError) -> [Double] {
    guard bytes.count % 8 == 0 else { throw TernError(.data, "a field is no list of doubles", file: file) }
    var reader = ProtobufReader(bytes, file: file)
    var result: [Double] = []
    while !reader.rest.isEmpty { result.append(Double(bitPattern: try reader.fixed(8))) }
    return result
  }
}
