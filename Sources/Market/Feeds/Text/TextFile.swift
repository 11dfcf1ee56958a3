import Compression
import Diagnostics
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One text that is read from the disk as it is needed: a plain file, a gzip file, or one entry of a ZIP archive.
///
/// Of an archive the compressed bytes are held in memory while one of its entries is read; of everything else one
/// block at a time.
struct TextFile {
  private enum Container {
    case plain, gzip, entry(String)
  }

  /// The path, with the entry's name appended for archives; errors carry it.
  let path: String
  private let file: String
  private let container: Container

  /// The texts of a file and the SHA-256 of its bytes; an archive gives one text per CSV entry, in directory order.
  /// - Throws: `TernError` of kind `data` when the file cannot be read, is empty, or is an archive without CSV.
  static func open(_ path: String) throws(TernError) -> (texts: [TextFile], digest: Digest) {
    let (digest, start) = try survey(path)
    guard !start.isEmpty else { throw TernError(.data, "is empty", file: path, found: "0 bytes") }
    // The content decides; the suffix only makes a wrong content an error instead of strange text.
    if ZipArchive.isZip(start) || path.hasSuffix(".zip") {
      let archive = try ZipArchive(try AtomicFile.read(path), file: path)
      return (try TextInput.entries(of: archive, path).map { TextFile(path, .entry($0.name)) }, digest)
    }
    let isGzip = Gzip.isGzip(start) || path.hasSuffix(".gz")
    return ([TextFile(path, isGzip ? .gzip : .plain)], digest)
  }

  private init(_ file: String, _ container: Container) {
    self.file = file
    self.container = container
    if case .entry(let name) = container { path = "\(file)/\(name)" } else { path = file }
  }

  /// Starts reading.
  /// - Throws: `TernError` of kind `data` when the file cannot be read.
  func blocks(size: Int) throws(TernError) -> LineBlocks {
    switch container {
    case .plain:
      let source = try FileBytes(file)
      return LineBlocks(path, blockSize: size) { buffer throws(TernError) in try source.read(into: buffer) }
    case .gzip:
      let source = try FileBytes(file)
      let stream = Shared(
        try InflateStream(
          refill: { buffer throws(TernError) in try source.read(into: buffer) }, format: .gzip, file: path))
      return LineBlocks(path, blockSize: size) { buffer throws(TernError) in
        try stream.value.read(into: buffer)
      }
    case .entry(let name):
      let archive = try ZipArchive(try AtomicFile.read(file), file: file)
      guard let entry = archive.entries.first(where: { $0.name == name }) else {
        throw TernError(.data, "the archive changed while it was read", file: path)
      }
      let stream = Shared(try archive.stream(entry))
      return LineBlocks(path, blockSize: size) { buffer throws(TernError) in
        try stream.value.read(into: buffer)
      }
    }
  }

  /// The digest of a file and its first four bytes.
  private static func survey(_ path: String) throws(TernError) -> (digest: Digest, start: [UInt8]) {
    let source = try FileBytes(path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    var hasher = DigestHasher()
    var start: [UInt8] = []
    while true {
      let count = try source.read(into: buffer)
      if count > 0, start.isEmpty { start = Array(buffer[..<min(4, count)]) }
      hasher.update(raw: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      if count < buffer.count { return (hasher.finish(), start) }
    }
  }
}

/// The bytes of an open file, in order.
final class FileBytes {
  private let path: String
  private let descriptor: Int32

  init(_ path: String) throws(TernError) {
    self.path = path
    descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFile.systemError("cannot open", path, kind: .data) }
  }

  deinit { close(descriptor) }

  /// Fills `buffer` and returns how many bytes it now holds; less than its size only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TernError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
      if count < 0 {
        if errno == EINTR { continue }
        throw AtomicFile.systemError("cannot read", path, kind: .data)
      }
      if count == 0 { break }
      filled += count
    }
    return filled
  }
}
