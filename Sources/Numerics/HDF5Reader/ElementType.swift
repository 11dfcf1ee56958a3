import Diagnostics

/// What one element of a dataset or attribute is.
enum StoredType: Equatable {
  case int64
  case float64
  /// A string of that many bytes.
  case fixedString(Int)
  /// A string of any length, in the global heap.
  case variableString

  /// A datatype message (IV.A.2.d); nil for a type that is not read here.
  init?(_ message: FieldReader) throws(TernError) {
    var fields = message
    let first = try fields.byte()
    let bits = UInt32(truncatingIfNeeded: try fields.unsigned(3))
    let size = try fields.unsigned(4)
    guard (1...3).contains(first >> 4) else { throw fields.damaged("version \(first >> 4)") }
    switch first & 15 {
    case 0:
      // Signed, little-endian, no padding, all 64 bits.
      guard bits == 8, size == 8, try fields.unsigned(4) == 64 << 16 else { return nil }
      self = .int64
    case 1:
      // Little-endian IEEE 754: implied leading bit, sign at 63, exponent of 11 bits at 52, mantissa of 52, bias 1023.
      guard bits == 0x3f20, size == 8, try fields.unsigned(4) == 64 << 16,
        try fields.unsigned(4) == 0x3400_0b34, try fields.unsigned(4) == 1023
      else { return nil }
      self = .float64
    case 3:
      guard size >= 1, size <= UInt64(Metadata.Limit.text) else { throw fields.damaged("a string of \(size) bytes") }
      self = .fixedString(Int(size))
    case 9:
      guard bits & 15 == 1, size == 16 else { return nil }
      self = .variableString
    default:
      return nil
    }
  }
}

/// The extents of a dataset or attribute.
enum Extents: Equatable {
  case scalar
  case simple([UInt64])

  /// A dataspace message, version 2 (IV.A.2.b).
  init(_ message: FieldReader) throws(TernError) {
    var fields = message
    try fields.expect(2, "version")
    let rank = Int(try fields.byte())
    let flags = try fields.byte()
    let type = try fields.byte()
    switch (type, rank) {
    case (0, 0): self = .scalar
    case (1, 1...32):
      guard flags & ~1 == 0 else { throw fields.damaged("flags \(flags)") }
      var extents: [UInt64] = []
      for _ in 0..<rank { extents.append(try fields.unsigned(8)) }
      self = .simple(extents)
    default: throw fields.damaged("extents of type \(type) and rank \(rank)")
    }
  }
}
