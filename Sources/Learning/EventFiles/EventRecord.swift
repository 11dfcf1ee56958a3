/// The frame around an event in a file (TFRecord): length, masked checksum of the length, content, masked checksum of it; all
/// numbers little-endian.
enum EventRecord {
  /// A framed content.
  static func framed(_ content: [UInt8]) -> [UInt8] {
    let length = bytes(of: UInt64(content.count))
    return length + bytes(of: CRC32C.masked(length)) + content + bytes(of: CRC32C.masked(content))
  }

  /// The contents of the leading records that are whole, and how many bytes they take with their frames.
  static func contents(of file: [UInt8]) -> (records: [ArraySlice<UInt8>], length: Int) {
    var records: [ArraySlice<UInt8>] = []
    var start = 0
    while file.count - start >= 16 {
      let head = file[start..<start + 8]
      let size = head.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard size <= UInt64(file.count - start - 16), number(file, start + 8) == CRC32C.masked(head) else {
        break
      }
      let content = file[start + 12..<start + 12 + Int(size)]
      guard number(file, content.endIndex) == CRC32C.masked(content) else { break }
      records.append(content)
      start = content.endIndex + 4
    }
    return (records, start)
  }

  private static func number(_ file: [UInt8], _ start: Int) -> UInt32 {
    file[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  }

  private static func bytes<Number: FixedWidthInteger>(of number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
  }
}
