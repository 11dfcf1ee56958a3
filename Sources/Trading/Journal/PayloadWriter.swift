import Files
import Market

/// Appends values to a reused buffer in the journal's coding: little-endian, fixed widths, no padding, no type tags.
///
/// Nothing allocates once the buffer has grown to the largest content it has held. What is written is read back, in
/// the same order, by `PayloadReader`. Text and bytes are preceded by their length as `UInt32`.
///
/// A payload has at most 16 MiB; what goes beyond is dropped and `isOverlong` set, which the journal refuses.
public struct PayloadWriter: ~Copyable {
  private(set) var base: UnsafeMutableRawPointer
  private var capacity: Int
  /// Bytes used from `base`, with whatever stands before the payload.
  private(set) var end: Int
  /// Where the payload begins.
  private(set) var origin = 0
  /// Whether more was appended than a payload may hold.
  public private(set) var isOverlong = false

  /// An empty buffer with room for `capacity` bytes before it grows.
  public init(capacity: Int = 4096) {
    self.capacity = max(capacity, 64)
    base = .allocate(byteCount: self.capacity, alignment: 16)
    end = 0
  }

  deinit { base.deallocate() }

  /// Size of the payload so far, in bytes.
  public var count: Int { end - origin }

  /// The payload, valid until the next change.
  public func withBytes<Result: ~Copyable>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try body(UnsafeRawBufferPointer(start: base + origin, count: end - origin))
  }

  /// Forgets the payload and keeps the room.
  public mutating func removeAll() {
    end = origin
    isOverlong = false
  }

  /// Begins a payload after everything that the buffer holds.
  mutating func beginPayload() {
    origin = end
    isOverlong = false
  }

  /// Forgets everything from an offset on.
  mutating func truncate(to offset: Int) {
    end = offset
    origin = min(origin, offset)
    isOverlong = false
  }

  /// Makes room for bytes that do not count as payload and returns where they begin.
  mutating func extend(by bytes: Int) -> Int {
    if capacity - end < bytes { grow(by: bytes) }
    end += bytes
    return end - bytes
  }

  private mutating func room(for bytes: Int) -> Bool {
    guard end - origin <= JournalFormat.maximumPayloadBytes - bytes, !isOverlong else {
      isOverlong = true
      return false
    }
    if capacity - end < bytes { grow(by: bytes) }
    return true
  }

  private mutating func grow(by bytes: Int) {
    let larger = max(capacity * 2, end + bytes)
    let copy = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    copy.copyMemory(from: base, byteCount: end)
    base.deallocate()
    base = copy
    capacity = larger
  }

  @inline(__always)
  private mutating func store<Value: BitwiseCopyable>(_ value: Value) {
    guard room(for: MemoryLayout<Value>.size) else { return }
    (base + end).storeBytes(of: value, as: Value.self)
    end += MemoryLayout<Value>.size
  }

  /// Appends one byte.
  public mutating func append(_ value: UInt8) { store(value) }
  /// Appends two bytes.
  public mutating func append(_ value: UInt16) { store(value.littleEndian) }
  /// Appends four bytes.
  public mutating func append(_ value: UInt32) { store(value.littleEndian) }
  /// Appends eight bytes.
  public mutating func append(_ value: UInt64) { store(value.littleEndian) }
  /// Appends one byte.
  public mutating func append(_ value: Int8) { store(value) }
  /// Appends two bytes.
  public mutating func append(_ value: Int16) { store(value.littleEndian) }
  /// Appends four bytes.
  public mutating func append(_ value: Int32) { store(value.littleEndian) }
  /// Appends eight bytes.
  public mutating func append(_ value: Int64) { store(value.littleEndian) }
  /// Appends eight bytes, the same as an `Int64`.
  public mutating func append(_ value: Int) { store(Int64(value).littleEndian) }
  /// Appends the bit pattern, eight bytes: every NaN and both zeros come back as they were.
  public mutating func append(_ value: Double) { store(value.bitPattern.littleEndian) }
  /// Appends the bit pattern, four bytes: every NaN and both zeros come back as they were.
  public mutating func append(_ value: Float) { store(value.bitPattern.littleEndian) }
  /// Appends one byte, 0 or 1.
  public mutating func append(_ value: Bool) { store(UInt8(value ? 1 : 0)) }
  /// Appends the units of a price, quantity, amount of money or rate, eight bytes.
  @inlinable
  public mutating func append(_ value: some FixedPoint) { append(value.units) }
  /// Appends the 32 bytes of a hash.
  public mutating func append(_ value: ChainHash) {
    guard room(for: ChainHash.byteCount) else { return }
    value.write(to: UnsafeMutableRawBufferPointer(start: base + end, count: ChainHash.byteCount))
    end += ChainHash.byteCount
  }

  /// Appends the length in bytes and the UTF-8 of a text.
  public mutating func append(_ text: String) {
    let isContiguous: Void? = text.utf8.withContiguousStorageIfAvailable {
      append(UnsafeRawBufferPointer($0))
    }
    guard isContiguous == nil else { return }
    var copy = text
    copy.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// Appends the length in bytes and the UTF-8 of a text that the program holds as a constant.
  public mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
  }

  /// Appends the length and the bytes.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count <= JournalFormat.maximumPayloadBytes, room(for: 4 + bytes.count) else {
      isOverlong = true
      return
    }
    append(UInt32(bytes.count))
    append(unprefixed: bytes)
  }

  /// Appends bytes without their length, for a payload that is one piece.
  public mutating func append(unprefixed bytes: UnsafeRawBufferPointer) {
    guard room(for: bytes.count) else { return }
    if let source = bytes.baseAddress { (base + end).copyMemory(from: source, byteCount: bytes.count) }
    end += bytes.count
  }
}
