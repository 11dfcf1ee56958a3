import Diagnostics

/// The part of a file that is in memory.
struct JournalWindow: ~Copyable {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  /// The bytes of the file that are held.
  private var start = 0
  private var count = 0

  /// An empty window that grows beyond `capacity` only for a longer group.
  init(capacity: Int) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  /// Bytes of the file that must be held, a frame's unless told otherwise.
  func held(at offset: Int, count wanted: Int = JournalFormat.frameBytes) -> UnsafeRawBufferPointer {
    precondition(offset >= start && offset + wanted <= start + count, "the window does not hold these bytes")
    return UnsafeRawBufferPointer(start: base + (offset - start), count: wanted)
  }

  /// Makes sure that the bytes `from..<to` of the file are held, forgetting what lies before, and returns them.
  ///
  /// Everything that fits is read ahead. `from` never moves backwards.
  mutating func bytes(
    of file: JournalFile, from: Int, to: Int
  ) throws(TernError) -> UnsafeRawBufferPointer {
    if to > start + count {
      let kept = max(0, start + count - from)
      if to - from > capacity {
        let larger = max(capacity * 2, to - from)
        let copy = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        if kept > 0 { copy.copyMemory(from: base + (from - start), byteCount: kept) }
        base.deallocate()
        base = copy
        capacity = larger
      } else if kept > 0 {
        base.copyMemory(from: base + (from - start), byteCount: kept)
      }
      (start, count) = (from, kept)
      let room = UnsafeMutableRawBufferPointer(start: base + kept, count: capacity - kept)
      count += try file.read(into: room, at: from + kept)
      guard to <= start + count else {
        throw TernError(.temporary, "the journal became shorter while it was read", file: file.path)
      }
    }
    return UnsafeRawBufferPointer(start: base + (from - start), count: to - from)
  }
}
