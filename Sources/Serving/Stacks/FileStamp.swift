import Diagnostics
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What tells one state of a file from another without reading it.
struct FileStamp: Equatable, Sendable {
  let device: UInt64
  let inode: UInt64
  let size: Int64
  let modifiedSeconds: Int
  let modifiedNanoseconds: Int
  let changedSeconds: Int
  let changedNanoseconds: Int

  /// The stamp of a file; nil when there is none.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    modifiedSeconds = status.st_mtim.tv_sec
    modifiedNanoseconds = status.st_mtim.tv_nsec
    changedSeconds = status.st_ctim.tv_sec
    changedNanoseconds = status.st_ctim.tv_nsec
  }

  /// Runs `body` when the path is a regular file of bearable size: opening a pipe would wait for ever.
  static func requireRegular<Result>(
    _ path: String, _ body: () throws(TernError) -> Result
  ) throws(TernError) -> Result {
    var status = stat()
    guard stat(path, &status) == 0 else { throw AtomicFile.systemError("cannot open", path, kind: .data) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw TernError(.data, "is not a regular file", file: path)
    }
    guard status.st_size <= VerifiedFiles.largest else {
      throw TernError(
        .data, "is too large", file: path, found: "\(status.st_size) bytes",
        expected: "at most \(VerifiedFiles.largest)")
    }
    return try body()
  }
}
