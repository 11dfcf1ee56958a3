import Chronology
import Diagnostics
import Files
import GRDB

/// A registry of models and stacks in a directory.
///
///     registry.sqlite                 names, versions, aliases, history
///     objects/ab/cdef…                immutable files named by their digest
///     aliases/<name>/<alias>.json     exported for readers without a database (see `ArtifactCatalogue`)
///     versions/<name>/<number>.json   likewise
///
/// The database is the truth. Objects are written before the transaction that refers to them, so a version is either
/// there whole or not at all; exported records are written after the commit that they describe, and a crash in between
/// is healed when the registry is next opened. All operations are safe from any thread and process.
public final class ModelRegistry: Sendable {
  /// The registry's directory.
  public let directory: String
  let clock: any Clock
  let database: DatabaseQueue
  let store: ObjectStore
  /// Shared by everything that adds references, exclusive for what removes objects or creates the database.
  let lock: FileLock
  /// Serialises the writing of exported records.
  let exportLock: FileLock

  /// Opens a registry.
  ///
  /// - Parameters:
  ///   - directory: where it lies.
  ///   - clock: gives the times that are recorded.
  ///   - busyTimeout: how many seconds to wait for other processes.
  ///   - create: whether a registry is created where there is none.
  /// - Throws: `TernError` of kind `data` when there is none or it is damaged or foreign, `temporary` when others
  ///   hold it for longer than `busyTimeout`.
  public init(
    directory: String, clock: any Clock = SystemClock(), busyTimeout: Double = 5, create: Bool = true
  ) throws(TernError) {
    self.directory = directory
    self.clock = clock
    store = ObjectStore(directory: directory)
    lock = FileLock(path: "\(directory)/registry.lock", timeout: busyTimeout)
    exportLock = FileLock(path: "\(directory)/exports.lock", timeout: busyTimeout)
    let path = "\(directory)/registry.sqlite"
    if !AtomicFile.exists(path) {
      guard create else { throw TernError(.data, "there is no registry here", file: directory) }
      try AtomicFile.createDirectory(directory)
    }
    try store.prepare()
    let ready = try lock.hold(.shared) { () throws(TernError) -> DatabaseQueue? in
      guard AtomicFile.exists(path) else { return nil }
      let queue = try Self.open(path, busyTimeout: busyTimeout)
      return try Self.isPrepared(queue, path: path) ? queue : nil
    }
    if let ready {
      database = ready
    } else {
      database = try lock.hold(.exclusive) { () throws(TernError) in
        let queue = try Self.open(path, busyTimeout: busyTimeout)
        if try !Self.isPrepared(queue, path: path) { try Self.prepare(queue, path: path) }
        return queue
      }
    }
    try lock.hold(.shared) { () throws(TernError) in try synchroniseExports() }
  }

  /// Closes the database; using the registry afterwards is an error.
  public func close() throws(TernError) {
    try Self.translating("\(directory)/registry.sqlite") { try database.close() }
  }

  /// The full path of an object.
  public func path(of object: Digest) -> String { store.path(of: object) }

  func read<Result>(_ body: (Database) throws -> Result) throws(TernError) -> Result {
    try Self.translating("\(directory)/registry.sqlite") { try database.read(body) }
  }

  func write<Result>(_ body: (Database) throws -> Result) throws(TernError) -> Result {
    try Self.translating("\(directory)/registry.sqlite") { try database.write(body) }
  }

  private static func open(_ path: String, busyTimeout: Double) throws(TernError) -> DatabaseQueue {
    var configuration = GRDB.Configuration()
    configuration.busyMode = .timeout(busyTimeout)
    configuration.journalMode = .wal
    configuration.foreignKeysEnabled = true
    // A disk that fails in the middle of a rollback is an error to report, not a reason to trap.
    configuration.allowsUnsafeTransactions = true
    // A registered version survives a power failure, not only the death of the process.
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    return try translating(path) { try DatabaseQueue(path: path, configuration: configuration) }
  }

  /// Turns the database's errors into ours: locked or full is `temporary`, damaged is `data`.
  static func translating<Result>(_ path: String, _ body: () throws -> Result) throws(TernError) -> Result {
    do {
      return try body()
    } catch let error as TernError {
      throw error
    } catch let error as DatabaseError {
      let text = error.message ?? "\(error)"
      switch error.resultCode {
      case .SQLITE_BUSY, .SQLITE_LOCKED:
        throw TernError(.temporary, "the registry is locked by another process: \(text)", file: path)
      case .SQLITE_FULL:
        throw TernError(.temporary, "the disk is full: \(text)", file: path)
      case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
        throw TernError(.data, "the registry's database is damaged: \(text)", file: path)
      case .SQLITE_IOERR
      where [.SQLITE_IOERR_WRITE, .SQLITE_IOERR_SHMSIZE].contains(error.extendedResultCode):
        throw TernError(.temporary, "the database cannot be written: \(text)", file: path)
      default: throw TernError(.internalFailure, "the registry's database failed: \(text)", file: path)
      }
    } catch {
      throw TernError(.internalFailure, "\(error)", file: path)
    }
  }
}
