import Diagnostics
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Bytes that stay where they are for the life of the object: a mapped file or an aligned copy.
final class MappedBytes: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  private let isMapped: Bool

  /// Maps a file for reading.
  init(file path: String) throws(TernError) {
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
    guard status.st_size > 0 else { throw TernError(.data, "is empty", file: path) }
    let address = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw AtomicFile.systemError("cannot map", path) }
    bytes = UnsafeRawBufferPointer(start: address, count: Int(status.st_size))
    isMapped = true
  }

  /// Copies bytes to an address that suits every element type.
  init(copying source: UnsafeRawBufferPointer) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 16)
    copy.copyMemory(from: source)
    bytes = UnsafeRawBufferPointer(copy)
    isMapped = false
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    } else {
      UnsafeMutableRawBufferPointer(mutating: bytes).deallocate()
    }
  }
}
