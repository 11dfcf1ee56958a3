import Artifacts
import Diagnostics
import Foundation
import Testing

@Suite struct ArtifactReferenceTests {
  @Test func theThreeFormsAreRead() throws {
    #expect(try ArtifactReference("signal@champion").selector == .alias("champion"))
    #expect(try ArtifactReference("signal-5m.v2@7").selector == .version(7))
    #expect(try ArtifactReference("signal@sha256:0123abcd").selector == .digest(prefix: "0123abcd"))
    for text in ["signal@champion", "signal@7", "signal@sha256:0123abcd"] {
      #expect(try ArtifactReference(text).description == text)
    }
  }

  @Test(arguments: [
    "signal", "@champion", "signal@", "signal@0", "signal@-1", "signal@sha256:0123abc",
    "signal@sha256:0123ABCD",
    "../x@1", "a/b@champion", "signal@../champion", ".hidden@1", "signal@a@b", "sig nal@1",
    "signal@99999999999999999999",
    "signal@sha256:" + String(repeating: "a", count: 65), "",
  ])
  func otherFormsAreRefused(text: String) {
    #expect(failure { try ArtifactReference(text) }?.kind == .usage)
  }
}
