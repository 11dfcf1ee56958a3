import Crypto

/// A SHA-256 content digest, written `sha256:<64 hex digits>`.
public struct Digest: Hashable, Sendable, Comparable {
  /// The 64 lower-case hexadecimal digits.
  public let hexadecimal: String

  /// The digest of bytes in memory.
  public init(of bytes: some Sequence<UInt8>) {
    var hasher = DigestHasher()
    hasher.update(bytes)
    self = hasher.finish()
  }

  /// Reads `sha256:<hex>` or the bare 64 hexadecimal digits; nil for anything else.
  public init?(_ text: String) {
    let hexadecimal = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
    let isHexadecimal = hexadecimal.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    guard hexadecimal.utf8.count == 64, isHexadecimal else { return nil }
    self.hexadecimal = hexadecimal
  }

  init(hash: ChainHash) { hexadecimal = hash.description }

  fileprivate init(bytes: some Sequence<UInt8>) {
    let digits = Array("0123456789abcdef".utf8)
    hexadecimal = String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Orders digests by their text.
  public static func < (a: Digest, b: Digest) -> Bool { a.hexadecimal < b.hexadecimal }
}

extension Digest: CustomStringConvertible {
  /// `sha256:<hex>`.
  public var description: String { "sha256:\(hexadecimal)" }
}

extension Digest: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let digest = Digest(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\(text) is not sha256: followed by 64 hexadecimal digits")
    }
    self = digest
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Computes a digest piece by piece.
public struct DigestHasher {
  private var hasher = SHA256()

  /// Starts an empty digest.
  public init() {}

  /// Takes in more bytes.
  public mutating func update(_ bytes: some Sequence<UInt8>) {
    if bytes.withContiguousStorageIfAvailable({ hasher.update(bufferPointer: UnsafeRawBufferPointer($0)) })
      == nil
    {
      hasher.update(data: Array(bytes))
    }
  }

  /// Takes in the memory of a buffer, for columns of numbers.
  public mutating func update(raw bytes: UnsafeRawBufferPointer) { hasher.update(bufferPointer: bytes) }

  /// The digest of everything taken in so far.
  public func finish() -> Digest { Digest(bytes: hasher.finalize()) }
}
