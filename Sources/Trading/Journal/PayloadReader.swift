import Diagnostics
import Files
import Market

/// Reads back what a `PayloadWriter` wrote, in the same order, and never past the end.
///
/// The reader borrows the bytes: it is valid as long as they are, for a record of a journal until the next one is read.
/// - Throws: every read throws `TernError` of kind `data`, naming the byte of the payload, when the value is not there
///   whole or not one that a writer makes.
public struct PayloadReader {
  private let bytes: UnsafeRawBufferPointer
  /// How many bytes were read.
  public private(set) var offset = 0

  /// Reads from the beginning of `bytes`.
  public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// How many bytes are left.
  public var remaining: Int { bytes.count - offset }

  @inline(__always)
  private mutating func load<Value: BitwiseCopyable>(_ type: Value.Type) throws(TernError) -> Value {
    guard bytes.count - offset >= MemoryLayout<Value>.size else { throw short(MemoryLayout<Value>.size) }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
    offset += MemoryLayout<Value>.size
    return value
  }

  private func short(_ wanted: Int) -> TernError {
    fault("the payload ends too early", found: "\(remaining) bytes", expected: "\(wanted) bytes")
  }

  private func fault(_ message: String, found: String, expected: String) -> TernError {
    TernError(.data, message, key: "payload byte \(offset)", found: found, expected: expected)
  }

  /// Reads one byte.
  public mutating func readUInt8() throws(TernError) -> UInt8 { try load(UInt8.self) }
  /// Reads two bytes.
  public mutating func readUInt16() throws(TernError) -> UInt16 {
    UInt16(littleEndian: try load(UInt16.self))
  }
  /// Reads four bytes.
  public mutating func readUInt32() throws(TernError) -> UInt32 {
    UInt32(littleEndian: try load(UInt32.self))
  }
  /// Reads eight bytes.
  public mutating func readUInt64() throws(TernError) -> UInt64 {
    UInt64(littleEndian: try load(UInt64.self))
  }
  /// Reads one byte.
  public mutating func readInt8() throws(TernError) -> Int8 { try load(Int8.self) }
  /// Reads two bytes.
  public mutating func readInt16() throws(TernError) -> Int16 { Int16(littleEndian: try load(Int16.self)) }
  /// Reads four bytes.
  public mutating func readInt32() throws(TernError) -> Int32 { Int32(littleEndian: try load(Int32.self)) }
  /// Reads eight bytes.
  public mutating func readInt64() throws(TernError) -> Int64 { Int64(littleEndian: try load(Int64.self)) }
  /// Reads eight bytes.
  public mutating func readInt() throws(TernError) -> Int { Int(Int64(littleEndian: try load(Int64.self))) }
  /// Reads a bit pattern of eight bytes.
  public mutating func readDouble() throws(TernError) -> Double { Double(bitPattern: try readUInt64()) }
  /// Reads a bit pattern of four bytes.
  public mutating func readFloat() throws(TernError) -> Float { Float(bitPattern: try readUInt32()) }

  /// Reads one byte, 0 or 1.
  public mutating func readBool() throws(TernError) -> Bool {
    let value = try load(UInt8.self)
    guard value <= 1 else {
      offset -= 1
      throw fault("is not a truth value", found: "\(value)", expected: "0 or 1")
    }
    return value == 1
  }

  /// Reads a price, quantity, amount of money or rate.
  @inlinable
  public mutating func read<Value: FixedPoint>(_ type: Value.Type = Value.self) throws(TernError) -> Value {
    Value(units: try readInt64())
  }

  /// Reads the 32 bytes of a hash.
  public mutating func readHash() throws(TernError) -> ChainHash {
    ChainHash(reading: try take(ChainHash.byteCount))
  }

  /// Reads a text.
  public mutating func readString() throws(TernError) -> String {
    let start = offset
    let text = try readBytes()
    guard let string = String(validating: text, as: UTF8.self) else {
      offset = start
      throw fault("is not text", found: "\(text.count) bytes", expected: "UTF-8")
    }
    return string
  }

  /// Reads a length and as many bytes, in place.
  public mutating func readBytes() throws(TernError) -> UnsafeRawBufferPointer {
    let start = offset
    let count = Int(try readUInt32())
    guard count <= remaining else {
      let left = remaining
      offset = start
      throw fault("the payload ends too early", found: "\(left) bytes", expected: "\(count) bytes")
    }
    return try take(count)
  }

  /// Reads everything that is left, in place.
  public mutating func readRemaining() -> UnsafeRawBufferPointer {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
    offset = bytes.count
    return rest
  }

  /// Makes sure that everything was read.
  public func finish() throws(TernError) {
    guard remaining == 0 else {
      throw fault(
        "the payload goes on after its last value", found: "\(remaining) more bytes", expected: "its end")
    }
  }

  private mutating func take(_ count: Int) throws(TernError) -> UnsafeRawBufferPointer {
    guard count <= remaining else { throw short(count) }
    let taken = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    offset += count
    return taken
  }
}
