import Artifacts
import Diagnostics
import Files
import FoundationEssentials
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Immutable files named by the digest of their bytes: `objects/ab/cdef…`.
struct ObjectStore: Sendable {
  let directory: String

  var objects: String { "\(directory)/objects" }
  /// Where objects are written before they get their names.
  var incoming: String { "\(directory)/incoming" }

  /// Tells apart the temporaries of one process.
  private static let counter = Atomic<Int>(0)

  static func relativePath(of digest: Digest) -> String {
    "objects/\(digest.hexadecimal.prefix(2))/\(digest.hexadecimal.dropFirst(2))"
  }

  func path(of digest: Digest) -> String { "\(directory)/\(Self.relativePath(of: digest))" }

  func prepare() throws(TernError) {
    try AtomicFile.createDirectory(objects)
    try AtomicFile.createDirectory(incoming)
  }

  /// Stores a file's or an array's bytes; an intact object of the same digest is kept, a damaged one replaced.
  func add(_ source: Registration.Source) throws(TernError) -> (digest: Digest, size: Int64) {
    let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
    let temporary = "\(incoming)/\(getpid())-\(number)"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o444)
    guard descriptor >= 0 else { throw systemError("cannot create", temporary) }
    // The name is gone after the final rename, and otherwise an interrupted object must not stay.
    defer { unlink(temporary) }
    let digest: Digest
    let size: Int64
    do throws(TernError) {
      (digest, size) = try copy(source, to: descriptor, temporary)
      guard fsync(descriptor) == 0 else { throw systemError("cannot flush", temporary) }
    } catch {
      close(descriptor)
      throw error
    }
    close(descriptor)
    let target = path(of: digest)
    if AtomicFile.exists(target), let present = try? FileDigest.compute(target), present.digest == digest {
      return (digest, size)
    }
    let folder = AtomicFile.directory(of: target)
    if mkdir(folder, 0o755) != 0 && errno != EEXIST {
      throw systemError("cannot create the directory", folder)
    }
    guard rename(temporary, target) == 0 else { throw systemError("cannot rename to", target) }
    try AtomicFile.flush(folder)
    try AtomicFile.flush(objects)
    return (digest, size)
  }

  private func copy(
    _ source: Registration.Source, to descriptor: Int32, _ temporary: String
  ) throws(TernError) -> (digest: Digest, size: Int64) {
    switch source {
    case .path(let path):
      return try FileDigest.scan(path) { piece throws(TernError) in
        try write(piece, to: descriptor, temporary)
      }
    case .bytes(let bytes):
      var problem: TernError?
      bytes.withUnsafeBytes { all in
        do throws(TernError) { try write(all, to: descriptor, temporary) } catch { problem = error }
      }
      if let problem { throw problem }
      return (Digest(of: bytes), Int64(bytes.count))
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws(TernError)
  {
    var offset = 0
    while offset < bytes.count {
      let written = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
      if written < 0 {
        if errno == EINTR { continue }
        throw systemError("cannot write", path)
      }
      offset += written
    }
  }

  /// A limit on the size of files counts as a full disk: it goes away without any change to the data.
  private func systemError(_ what: String, _ path: String) -> TernError {
    let isLimit = errno == EFBIG
    var error = AtomicFile.systemError(what, path)
    if isLimit { error.kind = .temporary }
    return error
  }

  /// What is wrong with an object, nil when its bytes have its digest.
  func problem(with digest: Digest) -> Problem? {
    let path = Self.relativePath(of: digest)
    guard AtomicFile.exists("\(directory)/\(path)") else {
      return Problem(kind: .missing, subject: path, detail: "the object is missing")
    }
    do throws(TernError) {
      let found = try FileDigest.compute("\(directory)/\(path)").digest
      if found == digest { return nil }
      return Problem(kind: .damaged, subject: path, detail: "the bytes have the digest \(found)")
    } catch {
      return Problem(kind: .damaged, subject: path, detail: error.message)
    }
  }

  /// The size of an object, 0 when it is missing.
  func size(of digest: Digest) -> Int64 { status(of: path(of: digest))?.size ?? 0 }

  /// The size of a file and when it was last written, in milliseconds since the epoch.
  func status(of path: String) -> (size: Int64, modified: Int64)? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    return (
      Int64(status.st_size), Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    )
  }

  /// Removes a file; one that is gone already is fine.
  func remove(_ path: String) throws(TernError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw AtomicFile.systemError("cannot remove", path) }
  }

  /// Every object in the store by its path relative to the registry, sorted; names that are no digest included.
  func list() -> [(path: String, digest: Digest?)] {
    names(in: objects).flatMap { folder in
      names(in: "\(objects)/\(folder)").map { ("objects/\(folder)/\($0)", Digest(folder + $0)) }
    }
  }

  /// Every temporary file in the store, relative to the registry, sorted.
  func temporaries() -> [String] { names(in: incoming).map { "incoming/\($0)" } }

  func names(in path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
