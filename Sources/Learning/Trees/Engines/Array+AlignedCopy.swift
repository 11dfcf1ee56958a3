extension Array where Element: BitwiseCopyable {
  /// The elements in memory of their own, aligned to a cache line; whoever asks for it deallocates it.
  func alignedCopy() -> UnsafePointer<Element> {
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: Swift.max(count, 1) * MemoryLayout<Element>.stride, alignment: 64)
    let target = raw.bindMemory(to: Element.self, capacity: Swift.max(count, 1))
    withUnsafeBufferPointer { source in
      if let base = source.baseAddress { target.initialize(from: base, count: count) }
    }
    return UnsafePointer(target)
  }
}
