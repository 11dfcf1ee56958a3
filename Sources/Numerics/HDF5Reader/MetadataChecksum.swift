/// The checksum of HDF5's newer metadata: Bob Jenkins' lookup3 hash (`hashlittle`, 2006) with the initial value 0.
enum MetadataChecksum {
  /// The checksum of bytes.
  static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var a = 0xdead_beef &+ UInt32(truncatingIfNeeded: bytes.count)
    var b = a
    var c = a
    var position = bytes.startIndex
    while bytes.endIndex - position > 12 {
      a &+= word(bytes, position, 4)
      b &+= word(bytes, position + 4, 4)
      c &+= word(bytes, position + 8, 4)
      mix(&a, &b, &c)
      position += 12
    }
    let left = bytes.endIndex - position
    guard left > 0 else { return c }
    a &+= word(bytes, position, min(4, left))
    b &+= word(bytes, position + 4, min(4, max(0, left - 4)))
    c &+= word(bytes, position + 8, min(4, max(0, left - 8)))
    finish(&a, &b, &c)
    return c
  }

  @inline(__always)
  private static func word(_ bytes: ArraySlice<UInt8>, _ start: Int, _ count: Int) -> UInt32 {
    var value: UInt32 = 0
    for index in 0..<count { value |= UInt32(bytes[start + index]) << UInt32(8 * index) }
    return value
  }

  @inline(__always)
  private static func turn(_ value: UInt32, _ bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }

  @inline(__always)
  private static func mix(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32) {
    a = (a &- c) ^ turn(c, 4)
    c &+= b
    b = (b &- a) ^ turn(a, 6)
    a &+= c
    c = (c &- b) ^ turn(b, 8)
    b &+= a
    a = (a &- c) ^ turn(c, 16)
    c &+= b
    b = (b &- a) ^ turn(a, 19)
    a &+= c
    c = (c &- b) ^ turn(b, 4)
    b &+= a
  }

  @inline(__always)
  private static func finish(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32) {
    c = (c ^ b) &- turn(b, 14)
    a = (a ^ c) &- turn(c, 11)
    b = (b ^ a) &- turn(a, 25)
    c = (c ^ b) &- turn(b, 16)
    a = (a ^ c) &- turn(c, 4)
    b = (b ^ a) &- turn(a, 14)
    c = (c ^ b) &- turn(b, 24)
  }
}
