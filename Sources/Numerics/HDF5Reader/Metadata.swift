import Diagnostics

/// Checked access to the metadata of a file: addresses count from the superblock, blocks carry checksums.
struct Metadata {
  /// What a reader takes from a file at most, whatever the file claims.
  enum Limit {
    /// Bytes of one object header with all its continuations.
    static let header = 1 << 20
    /// Messages of one object header that are looked at.
    static let messages = 4096
    /// Continuation blocks of one object header.
    static let continuations = 64
    /// Bytes of one attribute's string, and of the heap collection that holds it.
    static let text = 64 << 20
    /// Bytes of one chunk of a dataset, as it is after decompression.
    static let chunk = 16 << 20
    /// Names in a path.
    static let depth = 16
    /// Filters of a dataset.
    static let filters = 8
  }

  let source: ByteSource
  private let headers = HeaderCache()
  /// Offset of the superblock in the file, from which addresses count.
  let base: Int
  /// Address of the root group's object header.
  let root: UInt64

  /// Reads the superblock, version 2 or 3 (HDF5 File Format Specification 3.0, II.A).
  init(_ source: ByteSource) throws(TernError) {
    self.source = source
    base = source.isSealed ? Seal.blockSize : 0
    let length = 48
    guard source.size >= base + length else {
      throw TernError(.data, "is not an HDF5 file", file: source.path, found: "\(source.size) bytes")
    }
    let bytes = try source.bytes(at: base, count: length)
    guard bytes.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) else {
      throw TernError(
        .data, "is not an HDF5 file that is read here", file: source.path,
        expected: "the format's signature at byte \(base)")
    }
    var fields = FieldReader(bytes, file: source.path, subject: "the superblock")
    try fields.skip(8)
    let version = try fields.byte()
    guard version == 2 || version == 3 else {
      throw fields.damaged("version \(version)", expected: "2 or 3, as HDF5 1.10 and later write")
    }
    try fields.expect(8, "the size of addresses")
    try fields.expect(8, "the size of lengths")
    try fields.expect(0, "the flags of an open or damaged file")
    let address = try fields.unsigned(8)
    guard address == UInt64(base) else { throw fields.damaged("a base of \(address)", expected: "\(base)") }
    try fields.skip(8)
    let end = try fields.unsigned(8)
    guard end == UInt64(source.size) else {
      throw TernError(
        .data, "is cut short or has grown", file: source.path, found: "\(source.size) bytes",
        expected: "\(end) bytes")
    }
    root = try fields.unsigned(8)
    try Metadata.verify(bytes, file: source.path, subject: "the superblock")
  }

  /// The bytes at an address.
  /// - Throws: `TernError` of kind `data` where they leave the file.
  func bytes(at address: UInt64, count: Int) throws(TernError) -> [UInt8] {
    try source.bytes(at: try offset(of: address), count: count)
  }

  /// The object header at an address. Every path and every attribute begins at the same few, which are kept.
  /// - Throws: `TernError` of kind `data` where it is damaged.
  func header(at address: UInt64) throws(TernError) -> ObjectHeader {
    if let known = headers.header(at: address) { return known }
    let header = try ObjectHeader(at: address, in: self)
    headers.keep(header, at: address)
    return header
  }

  /// The place in the file of an address.
  func offset(of address: UInt64) throws(TernError) -> Int {
    guard address <= UInt64(source.size - base) else {
      throw TernError(
        .data, "points beyond the end of the file", file: source.path, found: "address \(address)",
        expected: "within \(source.size - base) bytes")
    }
    return base + Int(address)
  }

  /// Checks the four bytes at the end of a block against the rest of it.
  static func verify(_ bytes: [UInt8], file: String, subject: String) throws(TernError) {
    let body = bytes.count - 4
    guard body >= 0 else {
      throw TernError(.data, "\(subject) is damaged", file: file, found: "\(bytes.count) bytes")
    }
    var stated: UInt32 = 0
    for index in 0..<4 { stated |= UInt32(bytes[body + index]) << UInt32(8 * index) }
    let found = MetadataChecksum.of(bytes[..<body])
    guard found == stated else {
      throw TernError(
        .data, "\(subject) is damaged", file: file, found: "checksum \(found)", expected: "checksum \(stated)"
      )
    }
  }
}

/// The object headers that were read, as many as the files that Tern writes have; whatever a file holds, it stays small.
private final class HeaderCache {
  private static let capacity = 32
  private static let largest = 1 << 16
  private var known: [(address: UInt64, header: ObjectHeader)] = []

  func header(at address: UInt64) -> ObjectHeader? { known.first { $0.address == address }?.header }

  func keep(_ header: ObjectHeader, at address: UInt64) {
    guard known.count < HeaderCache.capacity, header.size <= HeaderCache.largest else { return }
    known.append((address, header))
  }
}
