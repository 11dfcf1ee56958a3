import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that is written from front to back.
///
/// To be crash-safe, create it under a temporary name with ``AtomicFile/replace(_:with:)``.
public final class FileWriter {
  private let descriptor: Int32
  private let name: String

  /// Creates a file, replacing one that exists.
  /// - Parameters:
  ///   - path: where.
  ///   - name: what errors call the file; the path by default.
  /// - Throws: `TernError` of kind `temporary` when the disk is full, `internalFailure` otherwise.
  public init(creating path: String, named name: String? = nil) throws(TernError) {
    self.name = name ?? path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw AtomicFile.systemError("cannot create", path) }
  }

  /// Goes on with a file that exists, behind its first `length` bytes; what follows them is cut off.
  /// - Throws: `TernError` of kind `internalFailure` when the file cannot be opened or cut.
  public init(appendingTo path: String, keeping length: Int) throws(TernError) {
    name = path
    descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFile.systemError("cannot open", path) }
    guard ftruncate(descriptor, off_t(length)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
      throw AtomicFile.systemError("cannot cut", path)
    }
  }

  deinit { close(descriptor) }

  /// Appends bytes.
  /// - Throws: `TernError` of kind `temporary` when the disk is full, `internalFailure` otherwise.
  public func write(_ bytes: some Collection<UInt8>) throws(TernError) {
    let code = bytes.withContiguousStorageIfAvailable(append) ?? Array(bytes).withUnsafeBufferPointer(append)
    guard code == 0 else {
      errno = code
      throw AtomicFile.systemError("cannot write", name)
    }
  }

  /// Appends bytes and returns 0, or the code of the failure.
  private func append(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    var offset = 0
    while offset < bytes.count {
      let written = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
      if written >= 0 { offset += written } else if errno != EINTR { return errno }
    }
    return 0
  }
}
