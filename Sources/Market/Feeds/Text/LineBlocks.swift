import Diagnostics

/// Text in blocks of whole lines, in memory that is reused.
final class LineBlocks {
  /// Fills a buffer and returns how many bytes it now holds; less than its size only at the end.
  typealias Read = (UnsafeMutableRawBufferPointer) throws(TernError) -> Int

  /// The lines that were loaded last; only the last block may lack its final newline.
  private(set) var block: UnsafeRawBufferPointer
  /// Whether nothing follows `block`.
  private(set) var isLast = false

  private let file: String
  private let read: Read
  private var buffer: UnsafeMutableRawBufferPointer
  private var filled = 0
  /// End of the whole lines in the buffer.
  private var whole = 0

  private static let longestLine = 1 << 26

  /// Prepares to read; `file` names the text in errors.
  init(_ file: String, blockSize: Int = 1 << 20, read: @escaping Read) {
    self.file = file
    self.read = read
    buffer = .allocate(byteCount: blockSize, alignment: 16)
    block = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  deinit { buffer.deallocate() }

  /// Loads the next block; false when the last has been handed out.
  /// - Throws: `TernError` of kind `data` when the text cannot be read or a line is too long.
  func next() throws(TernError) -> Bool {
    guard !isLast else { return false }
    // The part of a line at the end comes first in the next block.
    UnsafeMutableRawBufferPointer(rebasing: buffer[..<(filled - whole)])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[whole..<filled]))
    filled -= whole
    while true {
      filled += try read(UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      isLast = filled < buffer.count
      whole = filled
      if isLast { break }
      while whole > 0, buffer[whole - 1] != 0x0a { whole -= 1 }
      if whole > 0 { break }
      try grow()
    }
    block = UnsafeRawBufferPointer(rebasing: buffer[..<whole])
    return true
  }

  private func grow() throws(TernError) {
    guard buffer.count < LineBlocks.longestLine else {
      throw TernError(
        .data, "a line is too long", file: file, found: "more than \(buffer.count) bytes without a newline")
    }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * buffer.count, alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
    buffer.deallocate()
    buffer = larger
  }
}

/// A value that cannot be copied, shared by a closure.
final class Shared<Value: ~Copyable> {
  var value: Value
  init(_ value: consuming Value) { self.value = value }
}
