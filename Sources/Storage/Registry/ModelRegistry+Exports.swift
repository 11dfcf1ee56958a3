import Artifacts
import Diagnostics
import Files
import GRDB

extension ModelRegistry {
  /// Names the last generation of the database whose records were exported whole.
  private var marker: String { "\(directory)/exports.generation" }

  /// Counts a change that the exported records must follow.
  func advanceGeneration(in database: Database) throws {
    try database.execute(sql: "UPDATE state SET generation = generation + 1")
  }

  /// Brings the exported records up to the database.
  ///
  /// What is written was read under the export lock, so that of two writers the later can never put back an older
  /// state; the marker is written last, so that a crash before it makes the next opening do the work again.
  func synchroniseExports() throws(TernError) {
    if try generation() == exportedGeneration() { return }
    try exportLock.hold(.exclusive) { () throws(TernError) in
      // The record of a version never changes, so its presence is enough.
      let (generation, records) = try exportableRecords { path in
        path.hasPrefix("aliases/") || !AtomicFile.exists("\(self.directory)/\(path)")
      }
      if generation == exportedGeneration() { return }
      for path in staleExports(records) { try remove(path) }
      for (path, bytes) in records {
        let full = "\(directory)/\(path)"
        guard let bytes, (try? AtomicFile.read(full)) != bytes else { continue }
        try writeExport(bytes, to: full)
      }
      try AtomicFile.write(Array("\(generation)\n".utf8), to: marker)
    }
  }

  /// Compares every exported record with the database, and rewrites those that differ when `repair` is set.
  ///
  /// Where the marker is behind the database, a commit was not followed by its exports: that is a crash, or another
  /// process that waits for the lock held here, and the records are brought up without being called wrong.
  func verifyExports(repair: Bool) throws(TernError) -> (problems: [Problem], repaired: [Problem]) {
    try exportLock.hold(.exclusive) { () throws(TernError) in
      let (generation, records) = try exportableRecords { _ in true }
      let isBehind = generation != exportedGeneration()
      var differences: [(problem: Problem, bytes: [UInt8]?)] = []
      for path in staleExports(records) {
        let detail = "the database knows no such alias or version"
        differences.append((Problem(kind: .export, subject: path, detail: detail), nil))
      }
      for (path, bytes) in records {
        let full = "\(directory)/\(path)"
        let present = AtomicFile.exists(full) ? try? AtomicFile.read(full) : nil
        guard let bytes, present != bytes else { continue }
        let detail = present == nil ? "the record is missing" : "the record contradicts the database"
        differences.append((Problem(kind: .export, subject: path, detail: detail), bytes))
      }
      let found = differences.map(\.problem)
      guard repair || isBehind else { return (found, []) }
      do throws(TernError) {
        for (problem, bytes) in differences {
          if let bytes {
            try writeExport(bytes, to: "\(directory)/\(problem.subject)")
          } else {
            try remove(problem.subject)
          }
        }
        try AtomicFile.write(Array("\(generation)\n".utf8), to: marker)
      } catch {
        if repair { throw error }
        return (found, [])
      }
      return ([], repair ? found : [])
    }
  }

  private func generation() throws(TernError) -> Int64 {
    try read { try Int64.fetchOne($0, sql: "SELECT generation FROM state") ?? 0 }
  }

  private func exportedGeneration() -> Int64? {
    guard AtomicFile.exists(marker), let bytes = try? AtomicFile.read(marker) else { return nil }
    return Int64(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self))
  }

  private func writeExport(_ bytes: [UInt8], to path: String) throws(TernError) {
    let folder = AtomicFile.directory(of: path)
    if !AtomicFile.exists(folder) {
      try AtomicFile.createDirectory(folder)
      try AtomicFile.flush(AtomicFile.directory(of: folder))
    }
    try AtomicFile.write(bytes, to: path)
  }

  private func remove(_ path: String) throws(TernError) {
    try store.remove("\(directory)/\(path)")
  }

  /// Exported JSON files that no row stands behind.
  private func staleExports(_ records: [(path: String, bytes: [UInt8]?)]) -> [String] {
    let known = Set(records.map(\.path))
    return ["aliases", "versions"].flatMap { kind in
      store.names(in: "\(directory)/\(kind)").flatMap { name in
        store.names(in: "\(directory)/\(kind)/\(name)").map { "\(kind)/\(name)/\($0)" }
      }
    }.filter { $0.hasSuffix(".json") && !known.contains($0) }
  }

  /// The path of every record that must be exported, and its bytes where they are wanted, with the generation that
  /// they belong to.
  private func exportableRecords(
    wanted: (String) -> Bool
  ) throws(TernError) -> (Int64, [(path: String, bytes: [UInt8]?)]) {
    try read { database in
      var records: [(path: String, bytes: [UInt8]?)] = []
      func add(_ path: String, _ name: String, _ number: Int, alias: String?) throws {
        guard wanted(path) else {
          records.append((path, nil))
          return
        }
        var record = try self.record(of: try ArtifactReference("\(name)@\(number)"), in: database)
        record.alias = alias
        records.append((path, try CanonicalJSON.encode(record, pretty: true)))
      }
      for name in try String.fetchAll(database, sql: "SELECT name FROM entry ORDER BY name") {
        let entry = try self.entry(name, in: database)
        for number in entry.versions { try add("versions/\(name)/\(number).json", name, number, alias: nil) }
        for holder in entry.aliases {
          try add("aliases/\(name)/\(holder.alias).json", name, holder.version, alias: holder.alias)
        }
      }
      return (try Int64.fetchOne(database, sql: "SELECT generation FROM state") ?? 0, records)
    }
  }

  private func record(of reference: ArtifactReference, in database: Database) throws -> ArtifactRecord {
    let version = try self.version(reference, in: database).value
    var layers: [ArtifactRecord.Layer] = []
    if version.manifest.kind == .stack {
      for parent in version.manifest.lineage.parents {
        let layer = try self.version(ArtifactReference("\(parent.name)@\(parent.version)"), in: database)
          .value
        layers.append(
          ArtifactRecord.Layer(
            role: parent.role, name: parent.name, version: parent.version, digest: parent.digest,
            manifest: ObjectStore.relativePath(of: parent.digest), files: files(of: layer.manifest)))
      }
    }
    return ArtifactRecord(
      name: version.name, alias: nil, version: version.version, kind: version.manifest.kind.rawValue,
      digest: version.digest, manifest: ObjectStore.relativePath(of: version.digest),
      featureSchema: version.manifest.featureSchema, files: files(of: version.manifest), layers: layers)
  }

  private func files(of manifest: Manifest) -> [ArtifactRecord.File] {
    manifest.files.map { file in
      ArtifactRecord.File(
        role: file.role, digest: file.digest, size: file.size, path: ObjectStore.relativePath(of: file.digest)
      )
    }
  }
}
