import CZlib
import Diagnostics

/// Decompresses complete zlib buffers (RFC 1950) one after another with one state, without allocating for each.
public struct ZlibInflater: ~Copyable {
  private var stream: UnsafeMutablePointer<z_stream>?

  /// Creates an inflater; zlib starts with the first buffer.
  public init() {}

  deinit {
    guard let stream else { return }
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Decompresses `input`, which must hold exactly one buffer that fills `output` exactly.
  /// - Throws: `TernError` of kind `data`, naming `file`, when it is damaged, cut short, longer, or of another size.
  public mutating func inflate(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, file: String
  ) throws(TernError) {
    // zlib counts in 32 bits.
    guard input.count <= 1 << 30, output.count <= 1 << 30 else {
      throw TernError(.data, "a compressed buffer is too large", file: file, found: "\(input.count) bytes")
    }
    let stream = try started(file)
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(input.count)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(output.count)
    let status = CZlib.inflate(stream, Z_FINISH)
    guard status != Z_MEM_ERROR else {
      throw TernError(.temporary, "not enough memory to decompress", file: file)
    }
    guard status == Z_STREAM_END, stream.pointee.avail_in == 0, stream.pointee.avail_out == 0 else {
      throw TernError(
        .data, "the compressed data is damaged", file: file,
        found: stream.pointee.msg.map { String(cString: $0) }
          ?? "\(output.count - Int(stream.pointee.avail_out)) bytes, \(stream.pointee.avail_in) left over",
        expected: "\(output.count) bytes")
    }
  }

  private mutating func started(_ file: String) throws(TernError) -> UnsafeMutablePointer<z_stream> {
    if let stream {
      guard inflateReset(stream) == Z_OK else {
        throw TernError(.internalFailure, "zlib cannot start again", file: file)
      }
      return stream
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = tern_inflate_init(stream, MAX_WBITS)
    guard status == Z_OK else {
      stream.deallocate()
      throw TernError(.internalFailure, "zlib cannot start (code \(status))", file: file)
    }
    self.stream = stream
    return stream
  }
}
