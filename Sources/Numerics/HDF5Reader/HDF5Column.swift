import Diagnostics
import Files

/// A dataset of one dimension, read chunk by chunk into memory that is reused.
///
/// ```swift
/// let close = try source.column("candles/close")
/// while try close.loadNext() {
///   for row in close.loaded { use(close.double(row)) }
/// }
/// ```
public final class HDF5Column {
  /// What the elements are.
  public enum Element: Sendable {
    /// 64-bit signed integers.
    case int64
    /// 64-bit floating-point numbers.
    case float64
  }

  /// The dataset's path.
  public let path: String
  /// What the elements are.
  public let element: Element
  /// Number of elements.
  public let count: Int
  /// The elements that are in memory now; empty before the first `loadNext` and after the end.
  public private(set) var loaded = 0..<0

  private let source: HDF5Source
  private let layout: DatasetLayout
  private var storage: DatasetLayout.Storage
  private var nextChunk = 0
  private let chunkCount: Int
  private var buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var hasher: DigestHasher?
  /// Chunks hashed so far, all from the first on; nil once one was left out.
  private var hashedChunks = 0

  /// Deflate cannot expand by more than this factor, so a chunk that claims more is damaged or hostile.
  private static let greatestExpansion = 1100

  init(_ source: HDF5Source, _ path: String, _ layout: DatasetLayout, hashing: Bool) {
    self.source = source
    self.path = path
    self.layout = layout
    storage = layout.storage
    element = layout.element == .int64 ? .int64 : .float64
    count = layout.count
    chunkCount = count == 0 ? 0 : (count - 1) / layout.chunk + 1
    hasher = hashing ? DigestHasher() : nil
  }

  deinit { buffer.deallocate() }

  /// Loads the next chunk; false at the end, when nothing is loaded any more.
  /// - Throws: `TernError` of kind `data` when the chunk is damaged.
  public func loadNext() throws(TernError) -> Bool {
    guard nextChunk < chunkCount else {
      loaded = count..<count
      return false
    }
    let start = nextChunk * layout.chunk
    let rows = min(layout.chunk, count - start)
    loaded = start..<start
    do throws(TernError) {
      try load(nextChunk, rows)
    } catch {
      var named = error
      named.key = named.key ?? path
      throw named
    }
    if hashedChunks == nextChunk, hasher != nil {
      hasher?.update(raw: UnsafeRawBufferPointer(rebasing: buffer[..<(rows * DatasetLayout.elementSize)]))
      hashedChunks += 1
    }
    loaded = start..<start + rows
    nextChunk += 1
    return true
  }

  /// Makes the chunk that holds `row` the next to be loaded; at or beyond `count`, the end.
  public func seek(to row: Int) {
    precondition(row >= 0, "rows count from zero")
    nextChunk = min(chunkCount, row / layout.chunk)
    loaded = 0..<0
  }

  /// Element `row`, which must be loaded, of an integer column.
  public func int64(_ row: Int) -> Int64 {
    precondition(element == .int64 && loaded.contains(row), "the element is not loaded or is no integer")
    return buffer.load(fromByteOffset: (row - loaded.lowerBound) * 8, as: Int64.self)
  }

  /// Element `row`, which must be loaded, of a floating-point column.
  public func double(_ row: Int) -> Double {
    precondition(element == .float64 && loaded.contains(row), "the element is not loaded or is no float")
    return buffer.load(fromByteOffset: (row - loaded.lowerBound) * 8, as: Double.self)
  }

  /// SHA-256 over the little-endian bytes of all elements; nil unless the column was opened with `hashing` and every
  /// chunk has been loaded.
  public func digest() -> Digest? { hashedChunks == chunkCount ? hasher?.finish() : nil }

  private func load(_ chunk: Int, _ rows: Int) throws(TernError) {
    let metadata = source.metadata
    let plain = layout.chunk * DatasetLayout.elementSize
    let entry: FixedArray.Entry
    switch storage {
    case .contiguous(let address):
      reserve(plain)
      let offset = try metadata.offset(of: address) + chunk * plain
      try metadata.source.read(
        at: offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<(rows * DatasetLayout.elementSize)]))
      return
    case .single(let address, let size, let mask):
      entry = FixedArray.Entry(address: address, size: size, mask: mask)
    case .array(var array):
      entry = try array.entry(chunk, in: metadata)
      storage = .array(array)
    }
    try read(entry, plain)
  }

  /// Reads a chunk's bytes and undoes its filters, the last one first.
  private func read(_ entry: FixedArray.Entry, _ plain: Int) throws(TernError) {
    let metadata = source.metadata
    let offset = try metadata.offset(of: entry.address)
    func damaged(_ what: String, found: String, expected: String) -> TernError {
      TernError(.data, what, file: source.path, key: path, found: found, expected: expected)
    }
    guard entry.size <= metadata.source.size - offset else {
      throw damaged("a chunk leaves the file", found: "\(entry.size) bytes at \(offset)", expected: "\(metadata.source.size)")
    }
    let deflated = isApplied(.deflate, entry.mask)
    let isShuffled = isApplied(.shuffle, entry.mask)
    guard deflated ? plain / Self.greatestExpansion <= entry.size : entry.size == plain else {
      throw damaged("a chunk has an impossible size", found: "\(entry.size) bytes", expected: "those of \(plain)")
    }
    reserve(plain)
    let scratch = source.scratch
    scratch.reserve(stored: entry.size, shuffled: isShuffled ? plain : 0)
    let stored = UnsafeMutableRawBufferPointer(rebasing: scratch.stored[..<entry.size])
    let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<plain])
    let middle = isShuffled ? UnsafeMutableRawBufferPointer(rebasing: scratch.shuffled[..<plain]) : target
    if deflated {
      try metadata.source.read(at: offset, into: stored)
      try scratch.inflater.inflate(UnsafeRawBufferPointer(stored), into: middle, file: source.path)
    } else {
      try metadata.source.read(at: offset, into: middle)
    }
    if isShuffled, let from = middle.baseAddress, let to = target.baseAddress {
      Shuffle.restore(from, layout.chunk, into: to)
    }
  }

  /// Whether a filter of the dataset was applied to a chunk: a writer leaves out one that does not help.
  private func isApplied(_ filter: DatasetLayout.Filter, _ mask: UInt32) -> Bool {
    for (index, candidate) in layout.filters.enumerated() where candidate == filter {
      return mask & 1 << UInt32(index) == 0
    }
    return false
  }

  private func reserve(_ count: Int) {
    guard buffer.count < count else { return }
    buffer.deallocate()
    buffer = .allocate(byteCount: count, alignment: 16)
  }
}
