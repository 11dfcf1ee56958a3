import Diagnostics
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A digest of a whole HDF5 file in its user block, the 512 bytes before the format's own first byte.
///
/// The library trusts sizes in parts of the format that carry no checksum, and crashes on damaged ones. A sealed file
/// is hashed before the library sees it, so damage is an error. Other programs skip the user block.
package enum Seal {
  /// Length of the user block, bytes.
  package static let blockSize = 512
  private static let magic = Array("TERN-SEAL-1 ".utf8)

  /// Writes the seal into the empty user block of a closed file.
  package static func apply(to path: String) throws(TernError) {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFile.systemError("cannot seal", path) }
    defer { close(descriptor) }
    let digest = try hash(descriptor, path)
    let block = magic + Array("\(digest)\n".utf8)
    guard pwrite(descriptor, block, block.count, 0) == block.count else {
      throw AtomicFile.systemError("cannot seal", path)
    }
  }

  /// Checks the seal of a file; one without a seal passes.
  /// - Throws: `TernError` of kind `data` when the bytes are not those that were sealed.
  package static func check(_ path: String) throws(TernError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFile.systemError("cannot open", path, kind: .data) }
    defer { close(descriptor) }
    _ = try check(descriptor, path)
  }

  /// Checks the seal of an open file; returns whether it has one.
  static func check(_ descriptor: Int32, _ path: String) throws(TernError) -> Bool {
    guard let expected = try read(descriptor, path) else { return false }
    try verify(descriptor, path, expected: expected)
    return true
  }

  /// The text of an open file's seal; nil when it has none.
  static func read(_ descriptor: Int32, _ path: String) throws(TernError) -> String? {
    var block = [UInt8](repeating: 0, count: blockSize)
    let count = pread(descriptor, &block, blockSize, 0)
    guard count >= 0 else { throw AtomicFile.systemError("cannot read", path, kind: .data) }
    return try seal(in: block[..<count], path)
  }

  /// Holds the bytes of an open file against the text of its seal.
  static func verify(_ descriptor: Int32, _ path: String, expected: String) throws(TernError) {
    try compare(try hash(descriptor, path), expected, path)
  }

  /// Checks the seal of a file in memory; returns whether it has one.
  @discardableResult
  package static func check(image: [UInt8], named name: String) throws(TernError) -> Bool {
    guard let expected = try seal(in: image.prefix(blockSize), name) else { return false }
    var hasher = DigestHasher()
    image.withUnsafeBytes { hasher.update(raw: UnsafeRawBufferPointer(rebasing: $0.dropFirst(blockSize))) }
    try compare(hasher.finish(), expected, name)
    return true
  }

  /// The text of the seal; nil when the block holds none.
  /// - Throws: `TernError` of kind `data` when other bytes follow the seal: nothing in a sealed file is unaccounted for.
  private static func seal(in block: ArraySlice<UInt8>, _ path: String) throws(TernError) -> String? {
    guard block.starts(with: magic) else { return nil }
    let text = block.dropFirst(magic.count).prefix { $0 != 10 }
    guard block.count == blockSize, text.endIndex < block.endIndex,
      block[(text.endIndex + 1)...].allSatisfy({ $0 == 0 })
    else { throw TernError(.data, "the seal is damaged", file: path) }
    return String(decoding: text, as: UTF8.self)
  }

  private static func compare(_ found: Digest, _ expected: String, _ path: String) throws(TernError) {
    guard found.description == expected else {
      throw TernError(
        .data, "the file was altered or damaged since it was written", file: path, found: "\(found)",
        expected: expected)
    }
  }

  /// The digest of everything behind the user block.
  private static func hash(_ descriptor: Int32, _ path: String) throws(TernError) -> Digest {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    var hasher = DigestHasher()
    var offset = blockSize
    while true {
      let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
      if count < 0 {
        if errno == EINTR { continue }
        throw AtomicFile.systemError("cannot read", path, kind: .data)
      }
      if count == 0 { return hasher.finish() }
      hasher.update(raw: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      offset += count
    }
  }
}
