import Artifacts
import Diagnostics
import Files
import GRDB

extension ModelRegistry {
  /// Checks everything: the database's own integrity, every manifest against its row, every object against its digest,
  /// every exported record against the database.
  ///
  /// - Parameter repair: rewrites exported records that differ; damaged or missing objects cannot be repaired.
  /// - Throws: `TernError` of kind `data` when the database cannot be read at all. What is wrong otherwise is reported.
  public func verify(repair: Bool = false) throws(TernError) -> VerificationReport {
    try lock.hold(.shared) { () throws(TernError) in
      var problems: [Problem] = []
      var referenced: [Digest] = []
      var versions = 0
      try read { database in
        problems += try self.databaseProblems(database)
        for row in try Row.fetchAll(
          database,
          sql: """
            SELECT version.id, name, number, digest FROM version JOIN entry ON entry.id = entry_id
            ORDER BY name, number
            """)
        {
          versions += 1
          let (found, digests) = try self.check(row, in: database)
          problems += found
          referenced += digests
        }
      }
      let unique = Set(referenced)
      var bytes: Int64 = 0
      for digest in unique.sorted() {
        if let problem = store.problem(with: digest) {
          problems.append(problem)
        } else {
          bytes += store.size(of: digest)
        }
      }
      // Records cannot be derived from manifests that contradict themselves.
      var repaired: [Problem] = []
      if !problems.contains(where: { $0.kind == .manifest }) {
        let exports = try verifyExports(repair: repair)
        problems += exports.problems
        repaired = exports.repaired
      }
      let orphans = store.list().filter { object in object.digest.map { !unique.contains($0) } ?? true }
      return VerificationReport(
        healthy: problems.isEmpty, versions: versions, objects: unique.count, bytes: bytes,
        problems: problems,
        repaired: repaired, orphans: orphans.map(\.path), temporaries: temporaries())
    }
  }

  /// Temporary files of interrupted work, relative to the registry.
  func temporaries() -> [String] {
    var folders = ["."]
    for kind in ["aliases", "versions"] {
      folders += store.names(in: "\(directory)/\(kind)").map { "\(kind)/\($0)" }
    }
    return store.temporaries()
      + folders.flatMap { folder in
        store.names(in: "\(directory)/\(folder)").filter { $0.contains(".partial-") }.map {
          folder == "." ? $0 : "\(folder)/\($0)"
        }
      }
  }

  private func databaseProblems(_ database: Database) throws -> [Problem] {
    let integrity = try String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
    let dangling = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map { row in
      "a row of \(row["table"] as String? ?? "?") refers to none of \(row["parent"] as String? ?? "?")"
    }
    return (integrity + dangling).map { Problem(kind: .database, subject: "registry.sqlite", detail: $0) }
  }

  /// A version's row against its manifest; gives the objects that it refers to as far as they can be known.
  private func check(_ row: Row, in database: Database) throws -> ([Problem], [Digest]) {
    let reference = "\(row["name"] as String)@\(row["number"] as Int)"
    let rows = try Row.fetchAll(
      database, sql: "SELECT role, digest, size FROM file WHERE version_id = ? ORDER BY role",
      arguments: [row["id"] as Int64])
    let listed = rows.map { "\($0["role"] as String) \($0["digest"] as String) \($0["size"] as Int64)" }
    let digests =
      rows.compactMap { Digest($0["digest"] as String) } + [Digest(row["digest"] as String)].compactMap { $0 }
    do {
      let manifest = try version(ArtifactReference(reference), in: database).value.manifest
      let expected = manifest.files.map { "\($0.role) \($0.digest) \($0.size)" }
      if expected == listed { return ([], digests) }
      return (
        [
          Problem(
            kind: .manifest, subject: reference, detail: "the files listed are not those of the manifest")
        ],
        digests + manifest.files.map(\.digest)
      )
    } catch let error as TernError where error.kind == .data {
      return ([Problem(kind: .manifest, subject: reference, detail: error.message)], digests)
    }
  }
}
