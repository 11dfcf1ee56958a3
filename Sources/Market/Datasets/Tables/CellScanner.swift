import Diagnostics
import Feeds

/// Walks over the cells of a delimited text, quotes included.
struct CellScanner {
  let end: UnsafePointer<UInt8>
  let delimiter: UInt8
  let file: String
  /// Line of the current position, counted from one.
  var line = 1
  private var scratch: [UInt8] = []

  init(end: UnsafePointer<UInt8>, delimiter: UInt8, file: String) {
    self.end = end
    self.delimiter = delimiter
    self.file = file
  }

  /// Whether `p` stands where a cell may end.
  @inline(__always)
  func isCellEnd(_ p: UnsafePointer<UInt8>) -> Bool {
    p == end || p.pointee == delimiter || p.pointee == 0x0a
      || (p.pointee == 0x0d && (p + 1 == end || p[1] == 0x0a))
  }

  /// Skips one unquoted or quoted cell; returns the delimiter or newline after it.
  mutating func skip(_ p: UnsafePointer<UInt8>) throws(TernError) -> UnsafePointer<UInt8> {
    var q = p
    while q < end, q.pointee == 0x20 { q += 1 }
    if q < end, q.pointee == 0x22 { return try withCell(p) { _ in }.after }
    while q < end, q.pointee != delimiter, q.pointee != 0x0a { q += 1 }
    return q
  }

  /// Hands over a cell's content, without its quotes and surrounding blanks; returns the place after it.
  mutating func withCell<Result>(
    _ p: UnsafePointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) throws(TernError) -> (result: Result, after: UnsafePointer<UInt8>) {
    var q = p
    while q < end, q.pointee == 0x20 { q += 1 }
    guard q < end, q.pointee == 0x22 else {
      q = p
      while q < end, q.pointee != delimiter, q.pointee != 0x0a { q += 1 }
      return (body(FieldText.trimmed(UnsafeBufferPointer(start: p, count: q - p))), q)
    }
    let opening = line
    scratch.removeAll(keepingCapacity: true)
    q += 1
    while true {
      guard q < end else { throw TernError(.data, "a quote is not closed", file: file, line: opening) }
      if q.pointee == 0x22 {
        q += 1
        guard q < end, q.pointee == 0x22 else { break }
      } else if q.pointee == 0x0a {
        line += 1
      }
      scratch.append(q.pointee)
      q += 1
    }
    while q < end, FieldText.isBlank(q.pointee), q.pointee != delimiter { q += 1 }
    guard isCellEnd(q) else {
      throw TernError(
        .data, "text follows a closing quote", file: file, line: line,
        expected: "the next field or the end of the line")
    }
    return (scratch.withUnsafeBufferPointer { body($0) }, q)
  }

  /// The cells of the record at `p` as strings, and the place after its newline.
  mutating func record(
    _ p: UnsafePointer<UInt8>
  ) throws(TernError) -> (cells: [String], after: UnsafePointer<UInt8>) {
    var cells: [String] = []
    var q = p
    while true {
      let (cell, after) = try withCell(q) { String(decoding: $0, as: UTF8.self) }
      cells.append(cell)
      q = after
      if q < end, q.pointee == 0x0d { q += 1 }
      guard q < end, q.pointee == delimiter else { break }
      q += 1
    }
    if q < end { q += 1 }
    line += 1
    return (cells, q)
  }

  /// The next place that does not begin a blank line.
  @inline(__always)
  mutating func skipBlankLines(_ p: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var p = p
    while true {
      var q = p
      while q < end, q.pointee == 0x20 || q.pointee == 0x0d || (q.pointee == 0x09 && delimiter != 0x09) {
        q += 1
      }
      guard q < end else { return end }
      guard q.pointee == 0x0a else { return p }
      line += 1
      p = q + 1
    }
  }
}
