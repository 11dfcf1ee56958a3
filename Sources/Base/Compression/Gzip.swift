import CZlib
import Diagnostics

/// Gzip (RFC 1952) for whole buffers.
public enum Gzip {
  /// Whether the bytes begin like a gzip file.
  public static func isGzip(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
  }

  /// Decompresses all members.
  /// - Throws: `TernError` of kind `data`, naming `file`, when the input is damaged, cut short or expands beyond `limit`.
  public static func decompress(
    _ bytes: [UInt8], file: String, limit: Int = CompressionLimits.wholeBuffer
  ) throws(TernError) -> [UInt8] {
    // The last four bytes hold the size of the last member modulo 2³²: only a hint, and not to be trusted.
    let hint = bytes.suffix(4).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let plausible = min(hint, bytes.count * 32, 1 << 30)
    var stream = try InflateStream(bytes, format: .gzip, file: file, limit: limit)
    return try stream.readAll(expecting: plausible)
  }

  /// Compresses into one member whose header carries no time and no name, so that equal input gives equal bytes.
  /// - Parameter level: zlib's level, 1 (fast) to 9 (small).
  /// - Throws: `TernError` of kind `internalFailure` when zlib fails.
  public static func compress(_ bytes: [UInt8], level: Int = 6) throws(TernError) -> [UInt8] {
    try Deflate.compress(bytes, level: level, windowBits: 16 + MAX_WBITS)
  }
}

/// Raw deflate (RFC 1951) for whole buffers.
public enum Deflate {
  /// Decompresses to the end of the final block; bytes after it are ignored.
  /// - Throws: `TernError` of kind `data`, naming `file`, when the input is damaged, cut short or expands beyond `limit`.
  public static func decompress(
    _ bytes: [UInt8], file: String, limit: Int = CompressionLimits.wholeBuffer
  ) throws(TernError) -> [UInt8] {
    var stream = try InflateStream(bytes, format: .raw, file: file, limit: limit)
    return try stream.readAll(expecting: min(bytes.count * 4, limit))
  }

  /// Compresses.
  /// - Parameter level: zlib's level, 1 (fast) to 9 (small).
  /// - Throws: `TernError` of kind `internalFailure` when zlib fails.
  public static func compress(_ bytes: [UInt8], level: Int = 6) throws(TernError) -> [UInt8] {
    try compress(bytes, level: level, windowBits: -MAX_WBITS)
  }

  static func compress(_ bytes: [UInt8], level: Int, windowBits: Int32) throws(TernError) -> [UInt8] {
    precondition((1...9).contains(level), "a compression level is 1 to 9")
    var stream = z_stream()
    guard tern_deflate_init(&stream, Int32(level), windowBits) == Z_OK else {
      throw TernError(.internalFailure, "zlib cannot start")
    }
    defer { deflateEnd(&stream) }
    var output = [UInt8]()
    var block = [UInt8](repeating: 0, count: 1 << 18)
    var position = 0
    while true {
      let piece = min(bytes.count - position, 1 << 30)
      let flush = position + piece == bytes.count ? Z_FINISH : Z_NO_FLUSH
      let start = position
      let (status, written) = bytes.withUnsafeBufferPointer { input in
        block.withUnsafeMutableBufferPointer { room in
          stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + start) }
          stream.avail_in = UInt32(piece)
          stream.next_out = room.baseAddress
          stream.avail_out = UInt32(room.count)
          let status = deflate(&stream, flush)
          return (status, room.count - Int(stream.avail_out))
        }
      }
      position += piece - Int(stream.avail_in)
      output.append(contentsOf: block[..<written])
      if status == Z_STREAM_END { return output }
      guard status == Z_OK || status == Z_BUF_ERROR else {
        throw TernError(.internalFailure, "zlib cannot compress (code \(status))")
      }
    }
  }
}

extension InflateStream {
  /// Everything that is left, as one array.
  /// - Parameter expecting: a guess of the size, to reserve memory.
  /// - Throws: as `read(into:)`.
  public mutating func readAll(expecting guess: Int = 0) throws(TernError) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: max(guess + 1, 1 << 12))
    var filled = 0
    while true {
      if filled == output.count {
        output.append(contentsOf: repeatElement(0, count: min(output.count, 1 << 28)))
      }
      var failure: TernError?
      var count = 0
      output.withUnsafeMutableBytes { bytes in
        do throws(TernError) {
          count = try read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]))
        } catch { failure = error }
      }
      if let failure { throw failure }
      if count == 0 { break }
      filled += count
    }
    output.removeLast(output.count - filled)
    return output
  }
}
