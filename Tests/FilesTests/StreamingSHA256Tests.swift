import Files
import TestSupport
import Testing

@Suite struct StreamingSHA256Tests {
  /// The examples of FIPS 180-4 and the first of NIST's `SHA256ShortMsg.rsp`.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    ("a", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
  ])
  func matchesThePublishedVectors(message: String, hash: String) {
    let computed = Array(message.utf8).withUnsafeBytes { StreamingSHA256.hash($0) }
    #expect(computed.description == hash)
  }

  @Test(
    arguments: [
      ([0xd3], "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"),
      ([0x11, 0xaf], "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"),
      ([0xb4, 0x19, 0x0e], "dff2e73091f6c05e528896c4c831b9448653dc2ff043528f6769437bc7b975c2"),
      ([0x74, 0xba, 0x25, 0x21], "b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e"),
    ] as [([UInt8], String)])
  func matchesTheVectorsInBytes(message: [UInt8], hash: String) {
    #expect(message.withUnsafeBytes { StreamingSHA256.hash($0) }.description == hash)
  }

  @Test func aMillionTimesTheSameLetter() {
    var hasher = StreamingSHA256()
    let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000)
    for _ in 0..<1_000 { hasher.update(piece.span.bytes) }
    #expect(
      hasher.finish().description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  /// Every length up to several blocks, and longer ones, in pieces of any size, against swift-crypto.
  @Test func agreesWithSwiftCrypto() {
    var random = SplitMix(state: 1)
    var hasher = StreamingSHA256()
    let lengths = Array(0...520) + (0..<200).map { _ in Int.random(in: 0...20_000, using: &random) }
    for length in lengths {
      let message = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      var offset = 0
      while offset < length {
        let count = Int.random(in: 0...min(length - offset, 200), using: &random)
        message.withUnsafeBytes {
          hasher.update(UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count]))
        }
        offset += count
      }
      #expect(hasher.finish().digest == Digest(of: message), "\(length) bytes")
    }
  }

  @Test func aHashTravelsThroughBytesAndDigests() {
    let digest = Digest(of: [1, 2, 3])
    let hash = ChainHash(digest)
    #expect(hash.digest == digest && hash.description == digest.hexadecimal)
    var bytes = [UInt8](repeating: 0, count: 32)
    bytes.withUnsafeMutableBytes { hash.write(to: $0) }
    #expect(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == digest.hexadecimal)
    #expect(bytes.withUnsafeBytes { ChainHash(reading: $0) } == hash)

    var chained = StreamingSHA256()
    chained.update(hash)
    var written = [UInt8](repeating: 0, count: 32)
    written.withUnsafeMutableBytes { chained.finish(into: $0) }
    #expect(written.withUnsafeBytes { ChainHash(reading: $0) }.digest == Digest(of: bytes))
  }
}
