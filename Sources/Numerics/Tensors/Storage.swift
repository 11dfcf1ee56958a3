import Glibc

/// A block of `Float`s, aligned to a cache line.
///
/// A workspace keeps its storages and hands them out again; one that only the workspace refers to is free.
public final class Storage {
  /// The first element.
  public let pointer: UnsafeMutablePointer<Float>
  /// What kernels may read, but not write, behind the last element: one panel of a product.
  static let slack = 32
  /// Number of elements that fit.
  public let capacity: Int

  /// Takes memory for `capacity` elements from the system; its contents are undefined.
  public init(capacity: Int) {
    var raw: UnsafeMutableRawPointer?
    let bytes = (max(capacity, 16) + Storage.slack) * MemoryLayout<Float>.stride
    let status = posix_memalign(&raw, 64, bytes)
    guard status == 0, let raw else { stop("no memory for \(bytes) bytes") }
    pointer = raw.bindMemory(to: Float.self, capacity: max(capacity, 16) + Storage.slack)
    self.capacity = max(capacity, 16)
    pointer.advanced(by: self.capacity).initialize(repeating: 0, count: Storage.slack)
  }

  deinit { free(pointer) }
}
