import Glibc

/// A block of `Float`s, aligned to a cache line.
///
/// A workspace keeps its storages and hands them out again; one that only the workspace refers to is free.
public final class Storage {
  /// The first element.
  public let pointer: UnsafeMutablePointer<Float>
  /// Number of elements that fit.
  public let capacity: Int

  /// Takes memory for `capacity` elements from the system; its contents are undefined.
  public init(capacity: Int) {
    var raw: UnsafeMutableRawPointer?
    let bytes = max(capacity, 16) * MemoryLayout<Float>.stride
    let status = posix_memalign(&raw, 64, bytes)
    guard status == 0, let raw else { preconditionFailure("no memory for \(bytes) bytes") }
    pointer = raw.bindMemory(to: Float.self, capacity: max(capacity, 16))
    self.capacity = max(capacity, 16)
  }

  deinit { free(pointer) }
}
