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
enum Seal {
  static let blockSize = 512
  private static let magic = Array("TERN-SEAL-1 ".utf8)

  /// Writes the seal into the empty user block of a closed file.
  static func apply(to path: String) throws(TernError) {
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
  static func check(_ path: String) throws(TernError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFile.systemError("cannot open", path, kind: .data) }
    defer { close(descriptor) }
    var block = [UInt8](repeating: 0, count: blockSize)
    let count = pread(descriptor, &block, blockSize, 0)
    guard let expected = seal(in: block.prefix(max(0, count))) else { return }
    let found = try hash(descriptor, path)
    try compare(found, expected, path)
  }

  /// Checks the seal of a file in memory; one without a seal passes.
  static func check(image: [UInt8], named name: String) throws(TernError) {
    guard let expected = seal(in: image.prefix(blockSize)) else { return }
    var hasher = DigestHasher()
    image.withUnsafeBytes { hasher.update(raw: UnsafeRawBufferPointer(rebasing: $0.dropFirst(blockSize))) }
    try compare(hasher.finish(), expected, name)
  }

  /// The text of the seal; nil when the block holds none.
  private static func seal(in block: ArraySlice<UInt8>) -> String? {
    guard block.starts(with: magic) else { return nil }
    return String(decoding: block.dropFirst(magic.count).prefix { $0 != 10 }, as: UTF8.self)
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
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
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
