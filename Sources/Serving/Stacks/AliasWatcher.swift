import Artifacts
import Diagnostics
import Files

/// Notices that an alias may have moved, at the price of one `stat`, and loads what it points to.
///
/// The registry replaces the alias's record by renaming a new file over it, so a new state is a new inode. Ask `poll`
/// between candles; when it says so, have a background thread call `load` on a copy, and exchange stacks between two
/// candles. A load that fails throws and changes nothing: the stack in use stays.
///
/// ```swift
/// if watcher.poll() {
///   let copy = watcher
///   // in the background:
///   if let stack = try copy.load(unless: current.digest) { … }
/// }
/// ```
public struct AliasWatcher: Sendable, Equatable {
  /// The registry's directory.
  public let directory: String
  /// `NAME@ALIAS`.
  public let reference: String
  private let path: String?
  private var seen: FileStamp?

  /// Begins to watch a reference, as it is now. One that is no alias never moves.
  ///
  /// Create the watcher before loading the first stack, so that a promotion in between is noticed.
  /// - Throws: `TernError` of kind `usage` for a malformed reference.
  public init(reference: String, registry directory: String) throws(TernError) {
    self.directory = directory
    self.reference = reference
    let parsed = try ArtifactReference(reference)
    if case .alias(let alias) = parsed.selector {
      path = "\(directory)/aliases/\(parsed.name)/\(alias).json"
    } else {
      path = nil
    }
    seen = path.flatMap { FileStamp($0) }
  }

  /// Whether the alias's record has been replaced, rewritten or removed since the last question; once for each change.
  public mutating func poll() -> Bool {
    guard let path else { return false }
    let now = FileStamp(path)
    defer { seen = now }
    return now != seen
  }

  /// Loads the stack that the reference leads to now.
  /// - Parameter digest: the stack in use.
  /// - Returns: nil when the reference still leads to the stack in use.
  /// - Throws: what `LoadedStack.init(reference:registry:)` throws.
  public func load(unless digest: Digest? = nil) throws(TernError) -> LoadedStack? {
    let record = try StackRecords(directory: directory).resolve(reference)
    if record.digest == digest { return nil }
    return try LoadedStack(record: record, directory: directory)
  }
}
