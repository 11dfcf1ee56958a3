import Diagnostics
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An advisory lock between processes, which the system releases when its holder dies.
struct FileLock: Sendable {
  enum Mode: Sendable {
    case shared
    case exclusive
  }

  let path: String
  /// How long to wait, in seconds.
  let timeout: Double

  /// Runs `body` under the lock.
  /// - Throws: `TernError` of kind `temporary` when others hold it for longer than the timeout.
  func hold<Result>(_ mode: Mode, _ body: () throws(TernError) -> Result) throws(TernError) -> Result {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw AtomicFile.systemError("cannot open the lock", path) }
    defer { close(descriptor) }
    let deadline = Self.monotonic + timeout
    while flock(descriptor, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      guard errno == EWOULDBLOCK else { throw AtomicFile.systemError("cannot lock", path) }
      guard Self.monotonic < deadline else {
        throw TernError(.temporary, "the registry is locked by another process", file: path)
      }
      usleep(2_000)
    }
    return try body()
  }

  private static var monotonic: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
