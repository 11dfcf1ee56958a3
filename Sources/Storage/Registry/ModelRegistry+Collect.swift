import Diagnostics
import Files
import GRDB

extension ModelRegistry {
  /// Removes objects that no version refers to, and temporary files of interrupted work.
  ///
  /// It holds the registry alone, so nothing that is being registered can be taken for garbage.
  /// - Parameters:
  ///   - age: only files last written at least so many milliseconds before the clock's now; a day by default.
  ///   - dryRun: names the files without removing them.
  /// - Throws: `TernError` of kind `temporary` while others use the registry for longer than the timeout.
  public func gc(olderThan age: Int64 = 86_400_000, dryRun: Bool = false) throws(TernError) -> GarbageReport {
    try lock.hold(.exclusive) { () throws(TernError) in
      let referenced = try read { database in
        Set(
          try String.fetchAll(
            database,
            sql: "SELECT digest FROM file UNION SELECT digest FROM version"))
      }
      // A version whose file rows were lost still refers to the files of its manifest.
      let manifests = try read { try String.fetchAll($0, sql: "SELECT manifest FROM version") }
      var kept = referenced
      for text in manifests {
        let manifest = try CanonicalJSON.decode(
          Manifest.self, from: Array(text.utf8), file: "\(directory)/registry.sqlite")
        for file in manifest.files { kept.insert(file.digest.description) }
      }
      let limit = clock.now - age
      var report = GarbageReport(dryRun: dryRun, objects: [], temporaries: [], bytes: 0)
      for (path, digest) in store.list() where digest.map({ !kept.contains($0.description) }) ?? true {
        if let size = try collect(path, unlessNewerThan: limit, dryRun: dryRun) {
          report.objects.append(path)
          report.bytes += size
        }
      }
      for path in temporaries() {
        if let size = try collect(path, unlessNewerThan: limit, dryRun: dryRun) {
          report.temporaries.append(path)
          report.bytes += size
        }
      }
      return report
    }
  }

  /// Removes a file that is old enough; gives its size, nil when it stays.
  private func collect(_ path: String, unlessNewerThan limit: Int64, dryRun: Bool) throws(TernError) -> Int64?
  {
    let full = "\(directory)/\(path)"
    guard let (size, modified) = store.status(of: full), modified <= limit else { return nil }
    if !dryRun { try store.remove(full) }
    return size
  }
}
