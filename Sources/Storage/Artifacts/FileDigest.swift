import Diagnostics
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Digests of files on the disk, read piece by piece.
public enum FileDigest {
  /// The digest and the size of a file.
  /// - Throws: `TernError` of kind `data` when it cannot be read.
  public static func compute(_ path: String) throws(TernError) -> (digest: Digest, size: Int64) {
    try scan(path) { _ throws(TernError) in }
  }

  /// Passes a file through `body` piece by piece, and gives its digest and size.
  /// - Throws: `TernError` of kind `data` when it cannot be read, or what `body` throws.
  public static func scan(
    _ path: String, _ body: (UnsafeRawBufferPointer) throws(TernError) -> Void
  ) throws(TernError) -> (digest: Digest, size: Int64) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFile.systemError("cannot open", path, kind: .data) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw AtomicFile.systemError("cannot inspect", path, kind: .data)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw TernError(.data, "is not a regular file", file: path)
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    var hasher = DigestHasher()
    var size: Int64 = 0
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw AtomicFile.systemError("cannot read", path, kind: .data)
      }
      if count == 0 { return (hasher.finish(), size) }
      let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      hasher.update(raw: piece)
      size += Int64(count)
      try body(piece)
    }
  }
}
