import Diagnostics

/// What the header of a safetensors file says, checked against the size of the file.
struct SafetensorsHeader {
  struct Entry {
    var name: String
    var type: TensorElementType
    var shape: [Int]
    /// Bytes within the data, which starts at `dataStart` of the file.
    var range: Range<Int>
  }

  /// The reference implementation's limit on the header, in bytes.
  static let greatestLength = 100_000_000

  /// In the order of the data.
  var entries: [Entry]
  var metadata: [String: String]
  var dataStart: Int

  /// Reads and checks the header of a whole file.
  init(parsing file: UnsafeRawBufferPointer) throws(TernError) {
    guard file.count >= 8 else {
      throw TernError(
        .data, "is too short for a safetensors file", found: "\(file.count) bytes",
        expected: "at least 8 bytes")
    }
    let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(Self.greatestLength) else {
      throw TernError(
        .data, "the header is too long", found: "\(length) bytes", expected: "at most \(Self.greatestLength)")
    }
    dataStart = 8 + Int(length)
    guard dataStart <= file.count else {
      throw TernError(
        .data, "the header is longer than the file", found: "\(length) bytes",
        expected: "at most \(file.count - 8)")
    }
    let bytes = UnsafeRawBufferPointer(rebasing: file[8..<dataStart])
    guard bytes.first == UInt8(ascii: "{") else {
      throw TernError(.data, "the header is not a JSON object", expected: "{ as its first byte")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw TernError(.data, "the header is not UTF-8")
    }
    var parser = SafetensorsHeaderParser(bytes)
    (entries, metadata) = try parser.parse()
    try checkCoverage(of: file.count - dataStart)
  }

  /// The tensors must cover the data exactly: no holes, no overlaps, nothing behind the last.
  private mutating func checkCoverage(of dataSize: Int) throws(TernError) {
    entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    var end = 0
    for entry in entries {
      guard entry.range.lowerBound == end else {
        throw TernError(
          .data, entry.range.lowerBound > end ? "leaves a hole before its data" : "overlaps another tensor",
          key: entry.name, found: "offset \(entry.range.lowerBound)", expected: "offset \(end)")
      }
      end = entry.range.upperBound
      var bytes = entry.type.size
      for extent in entry.shape {
        let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
        guard !overflow else {
          throw TernError(.data, "the shape overflows", key: entry.name, found: "\(entry.shape)")
        }
        bytes = product
      }
      guard bytes == entry.range.count else {
        throw TernError(
          .data, "the shape does not fit the offsets", key: entry.name, found: "\(entry.range.count) bytes",
          expected: "\(bytes) bytes for \(entry.shape) of \(entry.type.rawValue)")
      }
    }
    guard end == dataSize else {
      throw TernError(
        .data, "the tensors do not cover the data", found: "\(dataSize) bytes of data", expected: "\(end)")
    }
  }
}
