/// The 32 bytes of a SHA-256 as a value that lives in registers: comparing and copying one never allocates.
///
/// `Digest` holds the same hash as text, for people and for files of configuration.
public struct ChainHash: Hashable, Sendable {
  /// The eight words of the hash, the first being its first four bytes read big-endian.
  public var words: SIMD8<UInt32>

  /// A hash of eight words.
  @inlinable
  public init(words: SIMD8<UInt32>) { self.words = words }

  /// Size in bytes.
  public static var byteCount: Int { 32 }

  /// Reads a hash from 32 bytes.
  public init(reading bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count >= Self.byteCount, "a hash has 32 bytes")
    words = SIMD8<UInt32>()
    for index in 0..<8 {
      words[index] = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
    }
  }

  /// Writes the hash into the first 32 bytes of a buffer.
  public func write(to bytes: UnsafeMutableRawBufferPointer) {
    precondition(bytes.count >= Self.byteCount, "a hash needs 32 bytes")
    for index in 0..<8 {
      bytes.storeBytes(of: words[index].bigEndian, toByteOffset: index &* 4, as: UInt32.self)
    }
  }

  /// The same hash as a content digest.
  public var digest: Digest { Digest(hash: self) }

  /// The hash that a content digest holds.
  public init(_ digest: Digest) {
    words = SIMD8<UInt32>()
    for (position, digit) in digest.hexadecimal.utf8.enumerated() {
      let value = UInt32(digit) &- (digit < 58 ? 48 : 87)
      words[position / 8] = words[position / 8] &<< 4 | value
    }
  }
}

extension ChainHash: CustomStringConvertible {
  /// The 64 lower-case hexadecimal digits.
  public var description: String {
    String(unsafeUninitializedCapacity: 64) { text in
      for index in 0..<64 {
        let digit = UInt8(truncatingIfNeeded: words[index / 8] &>> UInt32(28 - index % 8 * 4)) & 15
        text[index] = digit < 10 ? 48 + digit : 87 + digit
      }
      return 64
    }
  }
}
