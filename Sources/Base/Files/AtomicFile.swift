import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whole-file reading and crash-safe writing.
public enum AtomicFile {
  /// Writes a file so that a reader sees the old content or the new, never a part.
  ///
  /// The bytes go to a temporary file in the same directory, are flushed to the disk, and renamed over `path`;
  /// the directory entry is flushed too. On any failure the temporary file is removed and `path` is untouched.
  /// - Throws: `TernError` of kind `temporary` when the disk is full, `internalFailure` otherwise.
  public static func write(_ bytes: some Collection<UInt8>, to path: String) throws(TernError) {
    try replace(path) { temporary throws(TernError) in
      try FileWriter(creating: temporary, named: path).write(bytes)
    }
  }

  /// Lets `body` produce a temporary file beside `path`, then flushes it and renames it over `path`.
  ///
  /// For writers that need a file name of their own, such as HDF5. Nothing is left behind when `body` throws.
  public static func replace(
    _ path: String, with body: (_ temporary: String) throws(TernError) -> Void
  ) throws(TernError) {
    let temporary = "\(path).partial-\(getpid())"
    do throws(TernError) {
      try body(temporary)
      try flush(temporary)
      guard rename(temporary, path) == 0 else { throw systemError("cannot rename to", path) }
    } catch {
      unlink(temporary)
      throw error
    }
    try flush(directory(of: path))
  }

  /// Reads a whole file.
  /// - Throws: `TernError` of kind `data` when it does not exist or cannot be read.
  public static func read(_ path: String) throws(TernError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError("cannot open", path, kind: .data) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw systemError("cannot inspect", path, kind: .data) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw TernError(.data, "is a directory, not a file", file: path)
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var offset = 0
    while true {
      if offset == bytes.count { bytes.append(contentsOf: repeatElement(0, count: 1 << 16)) }
      let room = bytes.count - offset
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress?.advanced(by: offset), room)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw systemError("cannot read", path, kind: .data)
      }
      if count == 0 { break }
      offset += count
    }
    bytes.removeLast(bytes.count - offset)
    return bytes
  }

  /// Creates a directory with all its parents; one that exists already is fine.
  public static func createDirectory(_ path: String) throws(TernError) {
    var prefix = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      prefix += prefix.isEmpty || prefix.hasSuffix("/") ? String(part) : "/" + part
      if mkdir(prefix, 0o755) != 0 && errno != EEXIST {
        throw systemError("cannot create the directory", prefix)
      }
    }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw TernError(.data, "is not a directory", file: path)
    }
  }

  /// Whether something exists at `path`.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Flushes a file or directory to the disk.
  public static func flush(_ path: String) throws(TernError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError("cannot open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw systemError("cannot flush", path) }
  }

  /// The directory part of a path, `.` when it has none.
  public static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The error of the last system call, naming the file; a full disk or a quota is `temporary`.
  public static func systemError(
    _ what: String, _ path: String, kind: TernError.Kind = .internalFailure
  ) -> TernError {
    let code = errno
    let kind = code == ENOSPC || code == EDQUOT ? TernError.Kind.temporary : kind
    return TernError(kind, "\(what): \(String(cString: strerror(code)))", file: path)
  }
}
