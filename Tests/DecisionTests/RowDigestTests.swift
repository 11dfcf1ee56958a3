import Testing

@testable import Decision

@Suite struct RowDigestTests {
  /// The reference implementation's values: of the empty input and of texts below, at and above one stripe.
  @Test(
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ] as [(String, UInt64)])
  func theDigestIsXXH64(text: String, digest: UInt64) {
    let found = Array(text.utf8).withUnsafeBytes { RowDigest.compute($0) }
    #expect(found == digest)
  }

  @Test func everyFlippedBitShows() {
    let row = (0..<61).map { Float($0) * 0.37 }
    let whole = row.withUnsafeBytes { RowDigest.compute($0) }
    for bit in 0..<(61 * 32) {
      var changed = row.map(\.bitPattern)
      changed[bit / 32] ^= 1 << (bit % 32)
      #expect(changed.withUnsafeBytes { RowDigest.compute($0) } != whole)
    }
  }
}
