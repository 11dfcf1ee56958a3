import Files

/// A registered version.
public struct RegisteredVersion: Codable, Sendable, Equatable {
  /// The entry's name.
  public var name: String
  /// The version's number, counted from one within its name.
  public var version: Int
  /// The digest of the manifest.
  public var digest: Digest
  /// When it was registered, in milliseconds since the epoch.
  public var createdAt: Int64
  /// The aliases that point to it, sorted.
  public var aliases: [String]
  /// Its tags, sorted.
  public var tags: [String]
  /// Its immutable content.
  public var manifest: Manifest
}

/// The outcome of registering.
public struct RegistrationResult: Codable, Sendable, Equatable {
  /// The version that holds the content.
  public var version: RegisteredVersion
  /// False when the same content was registered before, and that version is given.
  public var isNew: Bool
}

/// One name of the registry.
public struct Entry: Codable, Sendable, Equatable {
  /// Its name.
  public var name: String
  /// What it is.
  public var kind: EntryKind
  /// The numbers of its versions, ascending.
  public var versions: [Int]
  /// Its aliases, sorted by name.
  public var aliases: [AliasHolder]
}

/// Which version an alias points to.
public struct AliasHolder: Codable, Sendable, Equatable {
  /// The alias.
  public var alias: String
  /// The version it points to.
  public var version: Int
}

/// One movement of an alias.
public struct Promotion: Codable, Sendable, Equatable {
  /// Why the alias moved.
  public enum Cause: String, Codable, Sendable {
    /// A promotion through the gates.
    case promote
    /// A return to the version before.
    case rollback
  }

  /// Counts the movements of the whole registry.
  public var sequence: Int64
  /// The entry's name.
  public var name: String
  /// The alias.
  public var alias: String
  /// Why it moved.
  public var cause: Cause
  /// The version it points to since.
  public var version: Int
  /// The version it pointed to before, nil when it is new.
  public var previous: Int?
  /// When it moved, in milliseconds since the epoch.
  public var at: Int64
}

/// What one gate says about a promotion.
public struct GateFinding: Codable, Sendable, Equatable {
  /// The gate: `evaluation`, `verdict`, `span`, `metrics`, `feature-schema`, `layers` or `integrity`.
  public var gate: String
  /// Whether the version may pass.
  public var passed: Bool
  /// Why, in one sentence.
  public var detail: String
}

/// Something that is wrong with a registry.
public struct Problem: Codable, Sendable, Equatable {
  /// The class of a problem.
  public enum Kind: String, Codable, Sendable {
    /// The database contradicts itself.
    case database
    /// A referenced object is gone.
    case missing
    /// An object's bytes do not match its digest.
    case damaged
    /// A manifest contradicts its row.
    case manifest
    /// An exported record contradicts the database.
    case export
  }

  /// Its class.
  public var kind: Kind
  /// The file or reference concerned.
  public var subject: String
  /// What is wrong, in one sentence.
  public var detail: String
}

/// The outcome of verifying a registry.
public struct VerificationReport: Codable, Sendable, Equatable {
  /// Whether nothing is wrong (any more).
  public var healthy: Bool
  /// The number of versions checked.
  public var versions: Int
  /// The number of objects hashed.
  public var objects: Int
  /// The bytes hashed.
  public var bytes: Int64
  /// What is wrong.
  public var problems: [Problem]
  /// What was wrong with the exported records and was put right.
  public var repaired: [Problem]
  /// Objects that no version refers to; `gc` removes them.
  public var orphans: [String]
  /// Temporary files of interrupted work; `gc` removes them.
  public var temporaries: [String]
}

/// The outcome of collecting garbage.
public struct GarbageReport: Codable, Sendable, Equatable {
  /// Whether files were only named, not removed.
  public var dryRun: Bool
  /// The unreferenced objects removed.
  public var objects: [String]
  /// The temporary files removed.
  public var temporaries: [String]
  /// The bytes freed.
  public var bytes: Int64
}

/// The differences between two versions.
public struct VersionDifference: Codable, Sendable, Equatable {
  /// One key that differs; nil where a version lacks it.
  public struct Change: Codable, Sendable, Equatable {
    /// The dotted key within the manifest, such as `configuration.max_depth` or `files.weights.digest`.
    public var key: String
    /// The value in the first version.
    public var first: String?
    /// The value in the second version.
    public var second: String?
  }

  /// The first version, `name@number`.
  public var first: String
  /// The second version, `name@number`.
  public var second: String
  /// Whether the content is the same.
  public var identical: Bool
  /// What differs, by key.
  public var changes: [Change]
}
