import Artifacts
import Diagnostics
import Files

/// Reads a registry's objects whole and checks each against its digest, so that what is used is what was named, and
/// nothing that happens to the files afterwards matters.
struct VerifiedFiles {
  let directory: String

  /// The largest object that is read, in bytes: a record with an absurd path cannot exhaust the memory.
  static let largest: Int64 = 1 << 30

  /// The bytes of a file of the registry.
  /// - Throws: `TernError` of kind `data` when it is absent, too large, outside the registry, or altered.
  func read(_ path: String, expecting digest: Digest) throws(TernError) -> [UInt8] {
    let full = "\(directory)/\(path)"
    let isInside =
      !path.hasPrefix("/") && !path.utf8.contains(0)
      && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
        !$0.isEmpty && $0 != "." && $0 != ".."
      }
    guard isInside else {
      throw TernError(
        .data, "a record leads out of the registry", file: directory, key: "path", found: path,
        expected: "a path below the registry's directory")
    }
    let bytes = try FileStamp.requireRegular(full) { () throws(TernError) in try AtomicFile.read(full) }
    let found = Digest(of: bytes)
    guard found == digest else {
      throw TernError(
        .data, "the file was altered", file: full, found: "\(found)", expected: "\(digest)")
    }
    return bytes
  }
}
