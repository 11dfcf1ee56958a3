import Diagnostics
import Files
import Threads

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The bytes of a file, on the disk or in memory, read only inside their bounds.
final class ByteSource {
  private enum Content {
    case descriptor(Int32)
    case memory([UInt8])
  }

  /// The path of the file, or the name of the bytes.
  let path: String
  /// Number of bytes.
  let size: Int
  /// Whether a seal covers the bytes.
  let isSealed: Bool
  private let content: Content
  /// The check of the seal that still runs, or has run apart.
  private let sealCheck: Background<Void>?

  /// Opens a file and checks its seal over the very descriptor that is read later.
  /// - Parameter checksApart: whether the check may go on after this returns; `requireSeal` then waits for it.
  init(path: String, checksApart: Bool = false) throws(TernError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFile.systemError("cannot open", path, kind: .data) }
    do throws(TernError) {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else {
        throw AtomicFile.systemError("cannot read", path, kind: .data)
      }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw TernError(.data, "is not a regular file", file: path)
      }
      size = Int(status.st_size)
      if checksApart {
        sealCheck = try Seal.read(descriptor, path).map { expected in
          Background { () throws(TernError) in try Seal.verify(descriptor, path, expected: expected) }
        }
        isSealed = sealCheck != nil
      } else {
        isSealed = try Seal.check(descriptor, path)
        sealCheck = nil
      }
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    content = .descriptor(descriptor)
  }

  /// Takes the bytes of a file.
  init(image: [UInt8], named name: String) throws(TernError) {
    path = name
    size = image.count
    isSealed = try Seal.check(image: image, named: name)
    content = .memory(image)
    sealCheck = nil
  }

  /// Makes sure that the bytes are those that were sealed.
  /// - Throws: `TernError` of kind `data` when they are not.
  func requireSeal() throws(TernError) { try sealCheck?.value() }

  deinit {
    // The check reads the descriptor; its result interests nobody any more.
    do throws(TernError) { try sealCheck?.value() } catch {}
    if case .descriptor(let descriptor) = content { close(descriptor) }
  }

  /// Reads exactly the bytes from `offset` on that fill `target`.
  /// - Throws: `TernError` of kind `data` where they leave the file.
  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(TernError) {
    guard offset >= 0, target.count <= size, offset <= size - target.count else {
      throw TernError(
        .data, "points beyond the end of the file", file: path, found: "\(target.count) bytes at \(offset)",
        expected: "within \(size) bytes")
    }
    switch content {
    case .memory(let bytes):
      bytes.withUnsafeBytes {
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + target.count]))
      }
    case .descriptor(let descriptor):
      var filled = 0
      while filled < target.count {
        let count = pread(
          descriptor, target.baseAddress?.advanced(by: filled), target.count - filled, off_t(offset + filled))
        if count < 0 {
          if errno == EINTR { continue }
          throw AtomicFile.systemError("cannot read", path, kind: .data)
        }
        guard count > 0 else {
          throw TernError(
            .data, "was cut short while it was read", file: path, found: "\(offset + filled) bytes")
        }
        filled += count
      }
    }
  }

  /// The bytes of a range. Their number must be bounded by the caller or by the file: it is checked before memory
  /// is taken.
  func bytes(at offset: Int, count: Int) throws(TernError) -> [UInt8] {
    guard offset >= 0, count >= 0, count <= size, offset <= size - count else {
      throw TernError(
        .data, "points beyond the end of the file", file: path, found: "\(count) bytes at \(offset)",
        expected: "within \(size) bytes")
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var failure: TernError?
    bytes.withUnsafeMutableBytes { target in
      do throws(TernError) { try read(at: offset, into: target) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }
}
