import Synchronization

/// Room for the prediction of single rows, so that none allocates: a few places, of which a caller takes one that is free.
final class RowScratch: Sendable {
  private static let places = 16
  private let size: Int
  private let bytes: SharedPointer<UInt8>
  /// One bit for each place that is taken.
  private let taken = Atomic<UInt32>(0)

  /// Places of at least `size` bytes each, aligned to a cache line.
  init(size: Int) {
    self.size = (size + 127) / 128 * 128
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, self.size) * RowScratch.places, alignment: 128)
    bytes = SharedPointer(raw.bindMemory(to: UInt8.self, capacity: max(1, self.size) * RowScratch.places))
  }

  deinit { UnsafeMutableRawPointer(bytes.pointer).deallocate() }

  /// Gives `body` a place of its own; only beyond as many callers as there are places one is allocated.
  @inline(__always)
  func withPlace(_ body: (UnsafeMutablePointer<UInt8>) -> Void) {
    var known = taken.load(ordering: .relaxed)
    while true {
      let place = (~known).trailingZeroBitCount
      if place >= RowScratch.places { return withUnsafeAllocation(body) }
      let attempt = taken.compareExchange(
        expected: known, desired: known | 1 << UInt32(place), ordering: .acquiring)
      if attempt.exchanged {
        body(bytes.pointer + place * size)
        taken.bitwiseAnd(~(1 << UInt32(place)), ordering: .releasing)
        return
      }
      known = attempt.original
    }
  }

  @inline(never)
  private func withUnsafeAllocation(_ body: (UnsafeMutablePointer<UInt8>) -> Void) {
    let own = UnsafeMutableRawPointer.allocate(byteCount: max(1, size), alignment: 128)
    defer { own.deallocate() }
    body(own.bindMemory(to: UInt8.self, capacity: max(1, size)))
  }
}
