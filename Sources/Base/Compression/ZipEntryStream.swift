import Diagnostics

/// One entry of a ZIP archive, decompressed piece by piece; its size and CRC-32 are checked at the end.
public struct ZipEntryStream: ~Copyable {
  private let entry: ZipArchive.Entry
  private let bytes: [UInt8]
  private let name: String
  /// What is left of a stored entry.
  private var stored: Range<Int>
  private var inflater: InflateStream?
  private var checksum: UInt32 = 0
  private var produced = 0

  init(
    _ archive: ZipArchive, _ entry: ZipArchive.Entry, _ range: Range<Int>, _ name: String
  ) throws(TernError) {
    self.entry = entry
    self.name = name
    bytes = archive.bytes
    stored = entry.method == 0 ? range : range.lowerBound..<range.lowerBound
    inflater =
      entry.method == 0
      ? nil : try InflateStream(bytes, range: range, format: .raw, file: name, limit: entry.size)
  }

  /// Fills `buffer` and returns how many bytes it now holds; less than its size only at the end of the entry.
  /// - Throws: `TernError` of kind `data` when the entry is damaged, cut short, or of another size than the directory's.
  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(TernError) -> Int {
    var count = 0
    if entry.method == 0 {
      count = min(buffer.count, stored.count)
      let start = stored.lowerBound
      bytes.withUnsafeBytes {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + count]))
      }
      stored = start + count..<stored.upperBound
    } else if let read = try inflater?.read(into: buffer) {
      count = read
    }
    checksum = Checksum.crc32(UnsafeRawBufferPointer(rebasing: buffer[..<count]), after: checksum)
    produced += count
    guard count < buffer.count else { return count }
    guard produced == entry.size else {
      throw TernError(
        .data, "the size differs from the directory's", file: name, found: "\(produced) bytes",
        expected: "\(entry.size) bytes")
    }
    guard checksum == entry.checksum else {
      throw TernError(
        .data, "the CRC-32 differs from the directory's", file: name, found: Checksum.text(checksum),
        expected: Checksum.text(entry.checksum))
    }
    return count
  }
}
