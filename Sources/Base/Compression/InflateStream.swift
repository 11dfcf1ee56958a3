import CZlib
import Diagnostics

/// Decompresses a buffer or a file piece by piece, so that text can be parsed while it is inflated.
///
/// Gzip input may hold several members one after another (RFC 1952, 2.2); raw deflate (RFC 1951) ends with its
/// final block. Damage, truncation and bytes after the end are errors that name the file.
public struct InflateStream: ~Copyable {
  /// The container around the deflate data.
  public enum Format: Sendable {
    /// Gzip members, each with its CRC-32 and size.
    case gzip
    /// Bare deflate data.
    case raw
  }

  /// Fills a buffer with the next compressed bytes and returns their number; 0 only at the end.
  public typealias Refill = (UnsafeMutableRawBufferPointer) throws(TernError) -> Int

  private let stream: UnsafeMutablePointer<z_stream>
  private var input: [UInt8]
  private let refill: Refill?
  private let format: Format
  private let file: String
  private let limit: Int
  private var position: Int
  private var end: Int
  /// Input bytes that lay before those in memory now.
  private var passed = 0
  private var memberEnded = false
  private var finished = false

  /// Number of bytes produced so far.
  public private(set) var produced = 0

  /// Starts at `range` of `input` (all of it by default).
  ///
  /// - Parameters:
  ///   - file: the name that errors carry.
  ///   - limit: the largest total output, bytes.
  /// - Throws: `TernError` of kind `internalFailure` when zlib cannot start.
  public init(
    _ input: [UInt8], range: Range<Int>? = nil, format: Format, file: String,
    limit: Int = CompressionLimits.stream
  ) throws(TernError) {
    let range = range ?? 0..<input.count
    precondition(range.lowerBound >= 0 && range.upperBound <= input.count, "the range leaves the input")
    stream = try InflateStream.start(format, file)
    self.input = input
    self.format = format
    self.file = file
    self.limit = limit
    refill = nil
    position = range.lowerBound
    end = range.upperBound
  }

  /// Starts at the beginning of a source that is asked for its bytes as they are needed, `block` at a time.
  ///
  /// - Parameters:
  ///   - file: the name that errors carry.
  ///   - limit: the largest total output, bytes.
  /// - Throws: `TernError` of kind `internalFailure` when zlib cannot start.
  public init(
    refill: @escaping Refill, block: Int = 1 << 16, format: Format, file: String,
    limit: Int = CompressionLimits.stream
  ) throws(TernError) {
    stream = try InflateStream.start(format, file)
    input = [UInt8](repeating: 0, count: block)
    self.refill = refill
    self.format = format
    self.file = file
    self.limit = limit
    position = 0
    end = 0
  }

  private static func start(
    _ format: Format, _ file: String
  ) throws(TernError) -> UnsafeMutablePointer<z_stream> {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = tern_inflate_init(stream, format == .gzip ? 16 + MAX_WBITS : -MAX_WBITS)
    guard status == Z_OK else {
      stream.deallocate()
      throw TernError(.internalFailure, "zlib cannot start (code \(status))", file: file)
    }
    return stream
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Fills `buffer` and returns how many bytes it now holds; 0 only at the end of the data.
  /// - Throws: `TernError` of kind `data` when the input is damaged, cut short or larger than the limit.
  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(TernError) -> Int {
    var filled = 0
    while filled < buffer.count && !finished {
      if memberEnded {
        try startNextMember()
        continue
      }
      filled += try step(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
    }
    produced += filled
    guard produced <= limit else {
      throw TernError(
        .data, "expands beyond the limit", file: file, found: "more than \(limit) bytes",
        expected: "at most \(limit) bytes")
    }
    return filled
  }

  /// Whether input is left, after asking the source for more where there is one.
  private mutating func hasInput() throws(TernError) -> Bool {
    guard position == end, let refill else { return position < end }
    passed += end
    position = 0
    end = 0
    var failure: TernError?
    var count = 0
    input.withUnsafeMutableBytes { bytes in
      do throws(TernError) { count = try refill(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
    end = count
    return count > 0
  }

  private mutating func step(into buffer: UnsafeMutableRawBufferPointer) throws(TernError) -> Int {
    _ = try hasInput()
    // zlib counts in 32 bits; larger pieces go through in turns.
    let available = min(end - position, 1 << 30)
    let room = min(buffer.count, 1 << 30)
    let stream = stream
    let position = position
    let status = input.withUnsafeBufferPointer { bytes in
      stream.pointee.next_in = bytes.baseAddress.map { UnsafeMutablePointer(mutating: $0 + position) }
      stream.pointee.avail_in = UInt32(available)
      stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(room)
      return inflate(stream, Z_NO_FLUSH)
    }
    let consumed = available - Int(stream.pointee.avail_in)
    let written = room - Int(stream.pointee.avail_out)
    self.position += consumed
    switch status {
    case Z_OK, Z_BUF_ERROR:
      if written == 0 && self.position == end { throw truncated() }
      if written == 0 && consumed == 0 { throw damaged("no progress") }
    case Z_STREAM_END:
      memberEnded = true
      if format == .raw { finished = true }
      if try !hasInput() { finished = true }
    case Z_MEM_ERROR:
      throw TernError(.temporary, "not enough memory to decompress", file: file)
    default:
      throw damaged(stream.pointee.msg.map { String(cString: $0) } ?? "code \(status)")
    }
    return written
  }

  private mutating func startNextMember() throws(TernError) {
    // Padding with zeros up to a block border is what tape and dd leave behind; gzip itself accepts it.
    if input[position] == 0 {
      while try hasInput() {
        guard input[position..<end].allSatisfy({ $0 == 0 }) else { throw damaged("bytes after the end") }
        position = end
      }
      finished = true
      return
    }
    guard inflateReset(stream) == Z_OK else { throw damaged("cannot start the next member") }
    memberEnded = false
  }

  /// Offset of the first input byte that was not consumed.
  public var inputPosition: Int { passed + position }

  private func truncated() -> TernError {
    TernError(
      .data, "the compressed data is cut short", file: file, found: "the end of the file after \(passed + end) bytes",
      expected: format == .gzip ? "the rest of the gzip member" : "the rest of the deflate data")
  }

  private func damaged(_ reason: String) -> TernError {
    TernError(.data, "the compressed data is damaged", file: file, found: "\(reason) near byte \(passed + position)")
  }
}
