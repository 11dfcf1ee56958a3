import Artifacts
import Diagnostics
import Files
import GRDB

extension ModelRegistry {
  /// The version that a reference means: `name@alias`, `name@7`, `name@sha256:…` (eight digits or more).
  /// - Throws: `TernError` of kind `usage` for a malformed reference, `data` for one that leads nowhere or to several.
  public func resolve(_ reference: String) throws(TernError) -> RegisteredVersion {
    let parsed = try ArtifactReference(reference)
    return try read { try self.version(parsed, in: $0).value }
  }

  /// All names, sorted, with their versions and aliases.
  public func list() throws(TernError) -> [Entry] {
    try read { database in
      try String.fetchAll(database, sql: "SELECT name FROM entry ORDER BY name").map { name in
        try self.entry(name, in: database)
      }
    }
  }

  /// One name with its versions and aliases.
  /// - Throws: `TernError` of kind `data` when it is unknown.
  public func entry(_ name: String) throws(TernError) -> Entry {
    try read { try self.entry(name, in: $0) }
  }

  /// Every version of a name, ascending.
  public func versions(of name: String) throws(TernError) -> [RegisteredVersion] {
    try read { database in
      try self.entry(name, in: database).versions.map { number in
        try self.version(ArtifactReference("\(name)@\(number)"), in: database).value
      }
    }
  }

  /// Every movement of a name's aliases, or of one of them, oldest first.
  public func history(of name: String, alias: String? = nil) throws(TernError) -> [Promotion] {
    try read { database in
      _ = try self.entry(name, in: database)
      return try self.history(name, alias, in: database)
    }
  }

  func history(_ name: String, _ alias: String?, in database: Database) throws -> [Promotion] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT promotion.id, alias, cause, current.number AS version, before.number AS previous, at
        FROM promotion JOIN entry ON entry.id = promotion.entry_id
        JOIN version AS current ON current.id = promotion.version_id
        LEFT JOIN version AS before ON before.id = promotion.previous_id
        WHERE entry.name = ? AND (? IS NULL OR alias = ?) ORDER BY promotion.id
        """, arguments: [name, alias, alias])
    return rows.map { row in
      Promotion(
        sequence: row["id"], name: name, alias: row["alias"],
        cause: row["cause"] == Promotion.Cause.rollback.rawValue ? .rollback : .promote,
        version: row["version"],
        previous: row["previous"], at: row["at"])
    }
  }

  func entry(_ name: String, in database: Database) throws -> Entry {
    guard
      let row = try Row.fetchOne(
        database, sql: "SELECT id, kind FROM entry WHERE name = ?", arguments: [name])
    else {
      let names = try String.fetchAll(database, sql: "SELECT name FROM entry ORDER BY name")
      throw TernError(
        .data, "the registry has no such name", file: directory, key: name,
        expected: nearestName(to: name, among: names).map { "did you mean \($0)?" })
    }
    let identifier: Int64 = row["id"]
    let kind: String = row["kind"]
    let aliases = try Row.fetchAll(
      database,
      sql: """
        SELECT alias, number FROM alias JOIN version ON version.id = alias.version_id
        WHERE alias.entry_id = ? ORDER BY alias
        """, arguments: [identifier])
    return Entry(
      name: name, kind: kind == EntryKind.stack.rawValue ? .stack : .model,
      versions: try Int.fetchAll(
        database, sql: "SELECT number FROM version WHERE entry_id = ? ORDER BY number",
        arguments: [identifier]),
      aliases: aliases.map { AliasHolder(alias: $0["alias"], version: $0["number"]) })
  }

  /// A version with its row identifier.
  func version(
    _ reference: ArtifactReference, in database: Database
  ) throws -> (id: Int64, value: RegisteredVersion) {
    let entry = try entry(reference.name, in: database)
    let condition: String
    let argument: any DatabaseValueConvertible
    switch reference.selector {
    case .alias(let alias):
      condition =
        "version.id = (SELECT version_id FROM alias WHERE alias.entry_id = entry.id AND alias.alias = ?)"
      argument = alias
    case .version(let number):
      condition = "number = ?"
      argument = number
    case .digest(let prefix):
      // The prefix consists of hexadecimal digits, so it holds no wildcard.
      condition = "digest LIKE ?"
      argument = "sha256:\(prefix)%"
    }
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT version.* FROM version JOIN entry ON entry.id = version.entry_id
        WHERE entry.name = ? AND \(condition) ORDER BY number
        """, arguments: [reference.name, argument])
    guard let row = rows.first else {
      let aliases = entry.aliases.map(\.alias).joined(separator: ", ")
      throw TernError(
        .data, "the registry has no \(reference)", file: directory, key: "\(reference)",
        expected: "versions 1…\(entry.versions.last ?? 0)" + (aliases.isEmpty ? "" : " or \(aliases)"))
    }
    guard rows.count == 1 else {
      let numbers = rows.map { row -> String in "\(row["number"] as Int)" }.joined(separator: ", ")
      throw TernError(
        .data, "the digest is ambiguous", file: directory, key: "\(reference)", found: "versions \(numbers)",
        expected: "more digits")
    }
    return try decode(row, of: entry, in: database)
  }

  private func decode(
    _ row: Row, of entry: Entry, in database: Database
  ) throws -> (id: Int64, value: RegisteredVersion) {
    let identifier: Int64 = row["id"]
    let number: Int = row["number"]
    let subject = "\(entry.name)@\(number)"
    let stored: String = row["digest"]
    let bytes = Array((row["manifest"] as String).utf8)
    let digest = Digest(of: bytes)
    guard digest.description == stored else {
      throw TernError(
        .data, "the manifest of \(subject) does not match its digest", file: "\(directory)/registry.sqlite",
        key: subject, found: "\(digest)", expected: stored)
    }
    let version = RegisteredVersion(
      name: entry.name, version: number, digest: digest, createdAt: row["created_at"],
      aliases: entry.aliases.filter { $0.version == number }.map(\.alias),
      tags: try String.fetchAll(
        database, sql: "SELECT tag FROM tag WHERE version_id = ? ORDER BY tag", arguments: [identifier]),
      manifest: try CanonicalJSON.decode(Manifest.self, from: bytes, file: "\(directory)/registry.sqlite"))
    return (identifier, version)
  }
}
