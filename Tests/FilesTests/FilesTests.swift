import Diagnostics
import Files
import Foundation
import Testing

@Suite struct DigestTests {
  /// The vectors of FIPS 180-4.
  @Test func matchesThePublishedVectors() {
    #expect(
      Digest(of: Array("abc".utf8)).description
        == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      Digest(of: [UInt8]()).hexadecimal == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func piecesAddUp() {
    var hasher = DigestHasher()
    hasher.update(Array("a".utf8))
    hasher.update("bc".utf8)
    #expect(hasher.finish() == Digest(of: Array("abc".utf8)))
  }

  @Test func refusesWhatIsNotADigest() {
    #expect(Digest("sha256:123") == nil)
    #expect(Digest(String(repeating: "G", count: 64)) == nil)
    #expect(Digest(String(repeating: "a", count: 64)) != nil)
  }
}

@Suite struct AtomicFileTests {
  private let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    .path

  @Test func writesAndReads() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try AtomicFile.createDirectory(directory + "/a/b")
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try AtomicFile.write(bytes, to: directory + "/a/b/file")
    #expect(try AtomicFile.read(directory + "/a/b/file") == bytes)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/a/b") == ["file"])
  }

  @Test func leavesTheOldFileWhenTheWriterFails() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try AtomicFile.createDirectory(directory)
    let path = directory + "/file"
    try AtomicFile.write(Array("old".utf8), to: path)
    #expect(throws: TernError(.data, "broken")) {
      try AtomicFile.replace(path) { temporary throws(TernError) in
        try AtomicFile.write(Array("half".utf8), to: temporary)
        throw TernError(.data, "broken")
      }
    }
    #expect(try AtomicFile.read(path) == Array("old".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["file"])
  }

  @Test func namesAMissingFile() {
    #expect(throws: TernError(.data, "cannot open: No such file or directory", file: "/no/such/file")) {
      try AtomicFile.read("/no/such/file")
    }
  }
}

@Suite struct CanonicalJSONTests {
  private struct Sample: Codable, Equatable {
    var b: Double
    var a: [String: Int]
  }

  @Test func sortsKeysAndKeepsEveryDigit() throws {
    let bytes = try CanonicalJSON.encode(Sample(b: 0.1, a: ["z": 1, "y": 2]))
    #expect(String(decoding: bytes, as: UTF8.self) == #"{"a":{"y":2,"z":1},"b":0.1}"#)
    #expect(try CanonicalJSON.decode(Sample.self, from: bytes) == Sample(b: 0.1, a: ["z": 1, "y": 2]))
  }

  @Test func namesAMissingKey() {
    #expect(throws: TernError(.data, "is missing", file: "x.json", key: "b")) {
      try CanonicalJSON.decode(Sample.self, from: Array(#"{"a":{}}"#.utf8), file: "x.json")
    }
  }
}
