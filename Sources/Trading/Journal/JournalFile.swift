import Diagnostics
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The descriptor of a journal and the few system calls that its reader and writer need.
///
/// Not final, so that tests can let a call fail.
class JournalFile {
  let path: String
  private let descriptor: Int32

  /// Opens an existing regular file.
  init(opening path: String, forWriting: Bool) throws(TernError) {
    self.path = path
    // Without waiting: a pipe, refused below, would wait for its other end.
    descriptor = open(path, (forWriting ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw AtomicFile.systemError("cannot open the journal", path, kind: .data) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw TernError(.data, "is not a regular file", file: path)
    }
  }

  /// Creates a file that must not exist.
  init(creating path: String) throws(TernError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw AtomicFile.systemError(
        "cannot create the journal", path, kind: errno == EEXIST ? .data : .internalFailure)
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    // Closing alone would leave the lock to a child process that was forked meanwhile and has not yet replaced itself.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Takes the lock of the only writer, which the system releases when the process ends.
  /// - Throws: `TernError` of kind `temporary` when another writer holds it.
  func lock() throws(TernError) {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      guard errno == EWOULDBLOCK else { throw AtomicFile.systemError("cannot lock the journal", path) }
      throw TernError(.temporary, "another process writes this journal", file: path)
    }
  }

  /// The size now.
  func size() throws(TernError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw AtomicFile.systemError("cannot inspect", path) }
    return Int(status.st_size)
  }

  /// Fills `bytes` from an offset and returns how many bytes there were before the end of the file.
  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(TernError) -> Int {
    var filled = 0
    while filled < bytes.count {
      let count = pread(
        descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled, off_t(offset + filled))
      if count < 0 {
        if errno == EINTR { continue }
        throw AtomicFile.systemError("cannot read the journal", path)
      }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Writes all bytes at an offset: one system call, and more only when the system takes less than all.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(TernError) {
    var written = 0
    while written < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written, off_t(offset + written))
      if count < 0 {
        if errno == EINTR { continue }
        throw AtomicFile.systemError(
          "cannot write the journal", path, kind: errno == EFBIG ? .temporary : .internalFailure)
      }
      written += count
    }
  }

  /// Cuts the file off.
  func truncate(to size: Int) throws(TernError) {
    while ftruncate(descriptor, off_t(size)) != 0 {
      guard errno == EINTR else { throw AtomicFile.systemError("cannot shorten the journal", path) }
    }
  }

  /// Waits until the content is on the disk.
  func flush() throws(TernError) {
    while fdatasync(descriptor) != 0 {
      guard errno == EINTR else { throw AtomicFile.systemError("cannot flush the journal", path) }
    }
  }
}
