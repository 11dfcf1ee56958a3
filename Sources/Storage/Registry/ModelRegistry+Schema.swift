import Diagnostics
import GRDB

extension ModelRegistry {
  /// `TERN` in ASCII: tells our databases from foreign ones.
  private static let applicationIdentifier = 0x5445_524E
  /// The version of the tables below.
  private static let schemaVersion = 1

  private static let schema = """
    CREATE TABLE entry (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL CHECK (kind IN ('model', 'stack'))
    );
    CREATE TABLE version (
      id INTEGER PRIMARY KEY, entry_id INTEGER NOT NULL REFERENCES entry(id), number INTEGER NOT NULL,
      digest TEXT NOT NULL, manifest TEXT NOT NULL, created_at INTEGER NOT NULL,
      UNIQUE (entry_id, number), UNIQUE (entry_id, digest)
    );
    CREATE TABLE file (
      version_id INTEGER NOT NULL REFERENCES version(id), role TEXT NOT NULL, digest TEXT NOT NULL,
      size INTEGER NOT NULL, PRIMARY KEY (version_id, role)
    );
    CREATE TABLE tag (
      version_id INTEGER NOT NULL REFERENCES version(id), tag TEXT NOT NULL, PRIMARY KEY (version_id, tag)
    );
    CREATE TABLE alias (
      entry_id INTEGER NOT NULL REFERENCES entry(id), alias TEXT NOT NULL,
      version_id INTEGER NOT NULL REFERENCES version(id), PRIMARY KEY (entry_id, alias)
    );
    CREATE TABLE promotion (
      id INTEGER PRIMARY KEY AUTOINCREMENT, entry_id INTEGER NOT NULL REFERENCES entry(id), alias TEXT NOT NULL,
      cause TEXT NOT NULL CHECK (cause IN ('promote', 'rollback')),
      version_id INTEGER NOT NULL REFERENCES version(id), previous_id INTEGER REFERENCES version(id),
      at INTEGER NOT NULL
    );
    CREATE TABLE state (generation INTEGER NOT NULL);
    INSERT INTO state VALUES (0);
    """

  /// Whether the database holds our tables; false for an empty one.
  /// - Throws: `TernError` of kind `data` for a foreign or a newer database.
  static func isPrepared(_ queue: DatabaseQueue, path: String) throws(TernError) -> Bool {
    try translating(path) { try queue.read { try isPrepared($0, path: path) } }
  }

  /// Creates the tables in one transaction; called under the exclusive lock.
  static func prepare(_ queue: DatabaseQueue, path: String) throws(TernError) {
    try translating(path) {
      try queue.write { database in
        try database.execute(sql: schema)
        try database.execute(sql: "PRAGMA application_id = \(applicationIdentifier)")
        try database.execute(sql: "PRAGMA user_version = \(schemaVersion)")
      }
    }
  }

  private static func isPrepared(_ database: Database, path: String) throws -> Bool {
    let application = try Int.fetchOne(database, sql: "PRAGMA application_id")
    let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    if application == 0 && tables == 0 { return false }
    guard application == applicationIdentifier else {
      throw TernError(.data, "is a database, but no Tern registry", file: path)
    }
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    guard version == schemaVersion else {
      throw TernError(
        .data, "the registry is of another version", file: path, key: "user_version", found: "\(version)",
        expected: "\(schemaVersion)")
    }
    return true
  }
}
