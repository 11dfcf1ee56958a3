import Artifacts
import Diagnostics
import Files
import GRDB

extension ModelRegistry {
  /// Registers a version: its files become objects, then one transaction makes it visible.
  ///
  /// Registering the same content under the same name again changes nothing and gives the version that exists;
  /// only tags are added to it. A judgement made later is registered together with the same files, as a new version.
  /// - Throws: `TernError` of kind `data` for a bad name, role, parent or metric, or an unreadable file; `temporary`
  ///   when the disk is full or the registry stays locked. Then no version exists; `gc` removes what was copied.
  public func register(_ registration: Registration) throws(TernError) -> RegistrationResult {
    try check(registration)
    return try lock.hold(.shared) { () throws(TernError) in
      var parents: [Manifest.Parent] = []
      for (role, reference) in registration.parents.sorted(by: { $0.key < $1.key }) {
        let parent = try resolve(reference)
        parents.append(
          Manifest.Parent(role: role, name: parent.name, version: parent.version, digest: parent.digest))
      }
      var files: [Manifest.File] = []
      for (role, source) in registration.files.sorted(by: { $0.key < $1.key }) {
        let (digest, size) = try store.add(source)
        files.append(Manifest.File(role: role, digest: digest, size: size))
      }
      let bytes = try CanonicalJSON.encode(try Manifest(registration, files: files, parents: parents))
      let (digest, _) = try store.add(.bytes(bytes))
      let number = try insert(registration, files: files, manifest: bytes, digest: digest)
      try synchroniseExports()
      return RegistrationResult(
        version: try resolve("\(registration.name)@\(number.number)"), isNew: number.isNew)
    }
  }

  /// Adds and removes tags of a version.
  /// - Throws: `TernError` of kind `data` for a tag that is no name or an unknown version.
  @discardableResult
  public func tag(
    _ reference: String, adding: [String] = [], removing: [String] = []
  ) throws(TernError) -> RegisteredVersion {
    for tag in adding { try check(tag, "tag") }
    let parsed = try ArtifactReference(reference)
    return try write { database in
      let (identifier, _) = try self.version(parsed, in: database)
      try self.add(tags: adding, to: identifier, in: database)
      for tag in removing {
        try database.execute(
          sql: "DELETE FROM tag WHERE version_id = ? AND tag = ?", arguments: [identifier, tag])
      }
      return try self.version(parsed, in: database).value
    }
  }

  private func insert(
    _ registration: Registration, files: [Manifest.File], manifest: [UInt8], digest: Digest
  ) throws(TernError) -> (number: Int, isNew: Bool) {
    try write { database in
      let kind = registration.kind.rawValue
      try database.execute(
        sql: "INSERT OR IGNORE INTO entry (name, kind) VALUES (?, ?)", arguments: [registration.name, kind])
      let entry = try Row.fetchOne(
        database, sql: "SELECT id, kind FROM entry WHERE name = ?", arguments: [registration.name])
      guard let entry, entry["kind"] == kind else {
        throw TernError(
          .data, "the name is taken by the other kind of entry", file: self.directory, key: registration.name,
          found: kind)
      }
      let entryIdentifier: Int64 = entry["id"]
      let existing = try Row.fetchOne(
        database, sql: "SELECT id, number FROM version WHERE entry_id = ? AND digest = ?",
        arguments: [entryIdentifier, digest.description])
      if let existing {
        try self.add(tags: registration.tags, to: existing["id"], in: database)
        return (existing["number"], false)
      }
      let last = try Int.fetchOne(
        database, sql: "SELECT max(number) FROM version WHERE entry_id = ?", arguments: [entryIdentifier])
      let number = (last ?? 0) + 1
      try database.execute(
        sql: "INSERT INTO version (entry_id, number, digest, manifest, created_at) VALUES (?, ?, ?, ?, ?)",
        arguments: [
          entryIdentifier, number, digest.description, String(decoding: manifest, as: UTF8.self),
          self.clock.now,
        ])
      let identifier = database.lastInsertedRowID
      for file in files {
        try database.execute(
          sql: "INSERT INTO file (version_id, role, digest, size) VALUES (?, ?, ?, ?)",
          arguments: [identifier, file.role, file.digest.description, file.size])
      }
      try self.add(tags: registration.tags, to: identifier, in: database)
      try self.advanceGeneration(in: database)
      return (number, true)
    }
  }

  private func add(tags: [String], to version: Int64, in database: Database) throws {
    for tag in tags {
      try database.execute(
        sql: "INSERT OR IGNORE INTO tag (version_id, tag) VALUES (?, ?)", arguments: [version, tag])
    }
  }

  private func check(_ registration: Registration) throws(TernError) {
    try check(registration.name, "name")
    for role in registration.files.keys.sorted() { try check(role, "role") }
    for role in registration.parents.keys.sorted() { try check(role, "role") }
    for tag in registration.tags { try check(tag, "tag") }
    guard !registration.files.isEmpty || registration.kind == .stack else {
      throw TernError(.data, "a model needs at least one file", key: registration.name)
    }
    guard !registration.parents.isEmpty || registration.kind == .model else {
      throw TernError(.data, "a stack needs its layers as parents", key: registration.name)
    }
  }

  func check(_ text: String, _ what: String) throws(TernError) {
    guard ArtifactReference.isName(text) else {
      throw TernError(
        .data, "cannot be a \(what)", key: text,
        expected: "a letter, then letters, digits, dots, hyphens or underscores, at most 128")
    }
  }
}
