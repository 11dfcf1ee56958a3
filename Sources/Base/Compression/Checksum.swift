import CZlib

/// CRC-32 as gzip and ZIP use it (polynomial 0xEDB88320).
public enum Checksum {
  /// The CRC-32 of bytes.
  public static func crc32(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { UInt32(CZlib.crc32_z(0, $0.baseAddress, $0.count)) }
  }

  /// The CRC-32 of bytes that follow others of checksum `before`.
  static func crc32(_ bytes: UnsafeRawBufferPointer, after before: UInt32) -> UInt32 {
    guard let base = bytes.baseAddress else { return before }
    return UInt32(CZlib.crc32_z(UInt(before), base.assumingMemoryBound(to: UInt8.self), bytes.count))
  }

  static func text(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
}
