import Diagnostics
import Files
import FoundationEssentials

/// Resolves registry references by the exported records alone: no database, read-only.
///
/// `aliases/<name>/<alias>.json` and `versions/<name>/<number>.json` are written atomically by the registry after each
/// change, so a reader sees the state before a promotion or after it.
public struct ArtifactCatalogue: Sendable {
  /// The registry's directory.
  public let directory: String

  /// A catalogue over a registry's directory.
  public init(directory: String) { self.directory = directory }

  /// The record of a reference such as `signal@champion`.
  /// - Throws: `TernError` of kind `usage` for a malformed reference, `data` for one that leads nowhere.
  public func resolve(_ reference: String) throws(TernError) -> ArtifactRecord {
    let parsed = try ArtifactReference(reference)
    let record: ArtifactRecord
    switch parsed.selector {
    case .alias(let alias): record = try read("aliases/\(parsed.name)/\(alias).json", reference)
    case .version(let number): record = try read("versions/\(parsed.name)/\(number).json", reference)
    case .digest(let prefix): record = try find(parsed.name, prefix: prefix, reference)
    }
    guard record.name == parsed.name else {
      throw TernError(.data, "the record names another entry", key: reference, found: record.name)
    }
    return record
  }

  /// The full path of a file of a record.
  public func path(of file: ArtifactRecord.File) -> String { "\(directory)/\(file.path)" }

  /// Hashes the manifest and every file of a record, layers included.
  /// - Throws: `TernError` of kind `data` naming the first file that is absent or altered.
  public func verify(_ record: ArtifactRecord) throws(TernError) {
    try check(record.manifest, record.digest)
    for file in record.files { try check(file.path, file.digest) }
    for layer in record.layers {
      try check(layer.manifest, layer.digest)
      for file in layer.files { try check(file.path, file.digest) }
    }
  }

  private func check(_ path: String, _ expected: Digest) throws(TernError) {
    let (found, _) = try FileDigest.compute("\(directory)/\(path)")
    guard found == expected else {
      throw TernError(
        .data, "the file was altered", file: "\(directory)/\(path)", found: "\(found)",
        expected: "\(expected)")
    }
  }

  private func read(_ path: String, _ reference: String) throws(TernError) -> ArtifactRecord {
    let path = "\(directory)/\(path)"
    guard AtomicFile.exists(path) else {
      throw TernError(.data, "the registry has no \(reference)", file: directory, key: reference)
    }
    return try CanonicalJSON.decode(ArtifactRecord.self, from: try AtomicFile.read(path), file: path)
  }

  private func find(_ name: String, prefix: String, _ reference: String) throws(TernError) -> ArtifactRecord {
    let listing =
      (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/versions/\(name)")) ?? []
    var matches: [ArtifactRecord] = []
    for file in listing.sorted() where file.hasSuffix(".json") {
      let record = try read("versions/\(name)/\(file)", reference)
      if record.digest.hexadecimal.hasPrefix(prefix) { matches.append(record) }
    }
    guard let match = matches.first else {
      throw TernError(.data, "the registry has no \(reference)", file: directory, key: reference)
    }
    guard matches.count == 1 else {
      throw TernError(
        .data, "the digest is ambiguous", file: directory, key: reference,
        found: matches.map { "version \($0.version)" }.joined(separator: ", "), expected: "more digits")
    }
    return match
  }
}
