import CZlib
import Diagnostics

/// Reads ZIP archives (PKWARE APPNOTE 6.3): stored and deflated entries, ZIP64 sizes, CRC-32 checks.
///
/// Encrypted entries, other methods, multi-volume archives and anything that contradicts itself are errors.
public struct ZipArchive: Sendable {
  /// One file of the archive.
  public struct Entry: Equatable, Sendable {
    /// The name inside the archive, with forward slashes.
    public let name: String
    /// Size after decompression, bytes, as the directory declares it.
    public let size: Int
    /// Size inside the archive, bytes.
    public let compressedSize: Int
    let checksum: UInt32
    let method: UInt16
    let flags: UInt16
    let headerOffset: Int

    /// Whether the entry is a folder.
    public var isDirectory: Bool { name.hasSuffix("/") }
  }

  /// The entries in the order of the central directory.
  public let entries: [Entry]
  let bytes: [UInt8]
  private let file: String

  /// Whether the bytes begin like a ZIP archive.
  public static func isZip(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 4 && bytes[0] == 0x50 && bytes[1] == 0x4b
      && (bytes[2] == 3 && bytes[3] == 4 || bytes[2] == 5 && bytes[3] == 6)
  }

  /// Reads the central directory.
  /// - Throws: `TernError` of kind `data`, naming `file`, when the archive is truncated or damaged.
  public init(_ bytes: [UInt8], file: String) throws(TernError) {
    self.bytes = bytes
    self.file = file
    entries = try ZipDirectory(bytes: bytes, file: file).entries()
  }

  /// Decompresses one entry and checks its size and CRC-32.
  /// - Parameter limit: the largest acceptable size, bytes.
  /// - Throws: `TernError` of kind `data` when the entry is encrypted, unsupported, damaged or too large.
  public func extract(_ entry: Entry, limit: Int = CompressionLimits.wholeBuffer) throws(TernError) -> [UInt8]
  {
    let name = "\(file)/\(entry.name)"
    guard entry.size <= limit else {
      throw TernError(
        .data, "expands beyond the limit", file: name, found: "\(entry.size) bytes",
        expected: "at most \(limit) bytes")
    }
    let range = try dataRange(of: entry)
    let content: [UInt8]
    if entry.method == 0 {
      content = Array(bytes[range])
    } else {
      // One byte more than declared, so that an entry that outgrows its declaration is noticed at once.
      var stream = try InflateStream(bytes, range: range, format: .raw, file: name, limit: entry.size)
      content = try stream.readAll(expecting: min(entry.size, 1 << 30))
    }
    guard content.count == entry.size else {
      throw TernError(
        .data, "the size differs from the directory's", file: name, found: "\(content.count) bytes",
        expected: "\(entry.size) bytes")
    }
    guard Checksum.crc32(content) == entry.checksum else {
      throw TernError(
        .data, "the CRC-32 differs from the directory's", file: name,
        found: Checksum.text(Checksum.crc32(content)),
        expected: Checksum.text(entry.checksum))
    }
    return content
  }

  /// An entry to be decompressed piece by piece.
  /// - Parameter limit: the largest acceptable size, bytes.
  /// - Throws: `TernError` of kind `data` when the entry is encrypted, unsupported, damaged or too large.
  public func stream(
    _ entry: Entry, limit: Int = CompressionLimits.stream
  ) throws(TernError) -> ZipEntryStream {
    let name = "\(file)/\(entry.name)"
    guard entry.size <= limit else {
      throw TernError(
        .data, "expands beyond the limit", file: name, found: "\(entry.size) bytes",
        expected: "at most \(limit) bytes")
    }
    return try ZipEntryStream(self, entry, try dataRange(of: entry), name)
  }

  private func dataRange(of entry: Entry) throws(TernError) -> Range<Int> {
    let name = "\(file)/\(entry.name)"
    guard entry.flags & 0x2041 == 0 else {
      throw TernError(.data, "is encrypted", file: name, expected: "an entry without a password")
    }
    guard entry.method == 0 || entry.method == 8 else {
      throw TernError(
        .data, "uses an unsupported compression method", file: name, found: "method \(entry.method)",
        expected: "0 (stored) or 8 (deflated)")
    }
    let reader = ZipDirectory(bytes: bytes, file: name)
    guard try reader.word32(entry.headerOffset) == 0x0403_4b50 else {
      throw TernError(.data, "has no local header", file: name, found: "other bytes at \(entry.headerOffset)")
    }
    let start =
      entry.headerOffset + 30 + Int(try reader.word16(entry.headerOffset + 26))
      + Int(try reader.word16(entry.headerOffset + 28))
    guard start <= bytes.count, entry.compressedSize <= bytes.count - start else {
      throw TernError(
        .data, "the archive is cut short", file: name,
        found: "\(bytes.count - min(start, bytes.count)) bytes",
        expected: "\(entry.compressedSize) bytes")
    }
    guard entry.method == 8 || entry.compressedSize == entry.size else {
      throw TernError(
        .data, "a stored entry declares two sizes", file: name,
        found: "\(entry.compressedSize) and \(entry.size) bytes")
    }
    return start..<start + entry.compressedSize
  }
}

/// Reads the little-endian records of a ZIP file with every offset checked.
struct ZipDirectory {
  let bytes: [UInt8]
  let file: String

  func entries() throws(TernError) -> [ZipArchive.Entry] {
    let end = try endRecord()
    var disk = Int(try word16(end + 4))
    var count = Int(try word16(end + 10))
    var size = Int(try word32(end + 12))
    var offset = Int(try word32(end + 16))
    if count == 0xffff || size == 0xffff_ffff || offset == 0xffff_ffff {
      guard end >= 20, try word32(end - 20) == 0x0706_4b50 else { throw damaged("no ZIP64 locator") }
      let record = try word64(end - 12)
      guard try word32(record) == 0x0606_4b50 else { throw damaged("no ZIP64 end record") }
      disk = Int(try word32(record + 16))
      count = try word64(record + 32)
      size = try word64(record + 40)
      offset = try word64(record + 48)
    }
    guard disk == 0 else { throw damaged("an archive of several volumes") }
    guard offset <= end, size <= end - offset else { throw damaged("a directory outside the file") }
    // An entry takes at least 46 bytes, so a count that does not fit is refused before memory is reserved.
    guard count <= size / 46 else { throw damaged("\(count) entries in \(size) bytes") }
    var entries: [ZipArchive.Entry] = []
    entries.reserveCapacity(count)
    for _ in 0..<count { entries.append(try entry(at: &offset)) }
    return entries
  }

  private func endRecord() throws(TernError) -> Int {
    let earliest = max(0, bytes.count - 22 - 0xffff)
    var position = bytes.count - 22
    while position >= earliest {
      if try word32(position) == 0x0605_4b50, position + 22 + Int(try word16(position + 20)) == bytes.count {
        return position
      }
      position -= 1
    }
    throw TernError(
      .data, "is not a complete ZIP archive", file: file, found: "no end-of-directory record",
      expected: "one at the end of the file")
  }

  private func entry(at offset: inout Int) throws(TernError) -> ZipArchive.Entry {
    guard try word32(offset) == 0x0201_4b50 else { throw damaged("no directory entry at byte \(offset)") }
    let nameLength = Int(try word16(offset + 28))
    let extraLength = Int(try word16(offset + 30))
    let commentLength = Int(try word16(offset + 32))
    let nameStart = offset + 46
    guard nameLength + extraLength + commentLength <= bytes.count - nameStart else {
      throw damaged("a directory entry that leaves the file")
    }
    var compressedSize = Int(try word32(offset + 20))
    var size = Int(try word32(offset + 24))
    var headerOffset = Int(try word32(offset + 42))
    try readZip64(
      nameStart + nameLength, extraLength, size: &size, compressedSize: &compressedSize,
      headerOffset: &headerOffset)
    let entry = ZipArchive.Entry(
      name: String(decoding: bytes[nameStart..<nameStart + nameLength], as: UTF8.self), size: size,
      compressedSize: compressedSize, checksum: try word32(offset + 16), method: try word16(offset + 10),
      flags: try word16(offset + 8), headerOffset: headerOffset)
    offset = nameStart + nameLength + extraLength + commentLength
    return entry
  }

  /// The ZIP64 extra field holds, in this order, the values whose 32-bit places are all ones.
  private func readZip64(
    _ start: Int, _ length: Int, size: inout Int, compressedSize: inout Int, headerOffset: inout Int
  ) throws(TernError) {
    guard size == 0xffff_ffff || compressedSize == 0xffff_ffff || headerOffset == 0xffff_ffff else { return }
    var position = start
    while position + 4 <= start + length {
      let fieldLength = Int(try word16(position + 2))
      if try word16(position) == 1 {
        var field = position + 4
        let end = field + fieldLength
        for value in [0, 1, 2] {
          let current = [size, compressedSize, headerOffset][value]
          guard current == 0xffff_ffff else { continue }
          guard field + 8 <= end else { throw damaged("a short ZIP64 field") }
          let wide = try word64(field)
          if value == 0 {
            size = wide
          } else if value == 1 {
            compressedSize = wide
          } else {
            headerOffset = wide
          }
          field += 8
        }
        return
      }
      position += 4 + fieldLength
    }
    throw damaged("no ZIP64 field")
  }

  func word16(_ offset: Int) throws(TernError) -> UInt16 {
    guard offset >= 0, offset <= bytes.count - 2 else { throw damaged("a record beyond the end") }
    return UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
  }

  func word32(_ offset: Int) throws(TernError) -> UInt32 {
    guard offset >= 0, offset <= bytes.count - 4 else { throw damaged("a record beyond the end") }
    return UInt32(try word16(offset)) | UInt32(try word16(offset + 2)) << 16
  }

  /// A 64-bit value that fits an `Int`, kept far enough from its end that sums of a few do not overflow.
  func word64(_ offset: Int) throws(TernError) -> Int {
    let value = UInt64(try word32(offset)) | UInt64(try word32(offset + 4)) << 32
    guard value < 1 << 60 else { throw damaged("an impossible size") }
    return Int(value)
  }

  private func damaged(_ what: String) -> TernError {
    TernError(.data, "is a damaged ZIP archive", file: file, found: what)
  }
}
