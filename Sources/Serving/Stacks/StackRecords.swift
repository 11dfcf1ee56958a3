import Artifacts
import Diagnostics
import Files
import FoundationEssentials

/// Finds a stack's record among those that the registry exports.
struct StackRecords {
  let directory: String

  /// The record of a reference; that of an alias must agree with that of its version.
  /// - Throws: `TernError` of kind `usage` or `data`.
  func resolve(_ reference: String) throws(TernError) -> ArtifactRecord {
    let parsed = try ArtifactReference(reference)
    let catalogue = ArtifactCatalogue(directory: directory)
    var record = try catalogue.resolve(reference)
    switch parsed.selector {
    case .version(let number):
      guard record.version == number, record.alias == nil else { throw mismatch(reference, record) }
    case .alias(let alias):
      guard record.alias == alias, record.version > 0 else { throw mismatch(reference, record) }
      let exact = try catalogue.resolve("\(parsed.name)@\(record.version)")
      record.alias = nil
      guard record == exact else { throw mismatch(reference, record) }
    case .digest:
      guard record.version > 0, record.alias == nil,
        try catalogue.resolve("\(parsed.name)@\(record.version)") == record
      else { throw mismatch(reference, record) }
    }
    return record
  }

  /// The record of the stack with exactly this digest, whatever its name; of several, the first by name.
  /// - Throws: `TernError` of kind `data` when there is none.
  func find(_ digest: Digest) throws(TernError) -> ArtifactRecord {
    let versions = "\(directory)/versions"
    var failure: TernError?
    for name in names(versions) where ArtifactReference.isName(name) {
      do throws(TernError) {
        let record = try resolve("\(name)@\(digest)")
        if record.kind == "stack", record.digest == digest { return record }
      } catch {
        // Another entry's damaged record must not hide the one that is asked for, but explains its absence.
        if error.key != "\(name)@\(digest)" { failure = failure ?? error }
      }
    }
    var error = TernError(
      .data, "the registry has no such stack", file: directory, key: digest.description)
    if let failure { error.found = "a damaged record: \(failure)" }
    throw error
  }

  private func names(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  private func mismatch(_ reference: String, _ record: ArtifactRecord) -> TernError {
    TernError(
      .data, "the exported record is not that of its reference", file: directory, key: reference,
      found: "\(record.name)@\(record.version)" + (record.alias.map { ", alias \($0)" } ?? ""))
  }
}
