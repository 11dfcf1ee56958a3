/// Owns numbers that kernels reach by address, all zero at first.
final class MomentStorage {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  /// Allocates room, aligned to a cache line.
  init(count: Int) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
    pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  /// A copy of a part.
  func values(_ range: Range<Int>) -> [Float] {
    precondition(range.upperBound <= count, "a part beyond the end")
    return Array(UnsafeBufferPointer(start: pointer + range.lowerBound, count: range.count))
  }

  /// Replaces everything.
  func assign(_ values: [Float]) {
    precondition(values.count == count, "another number of values")
    for (index, value) in values.enumerated() { pointer[index] = value }
  }
}
