/// Where a checkpoint comes from. It names no time unless one is injected, so equal work gives equal bytes.
public struct Provenance: Codable, Sendable, Equatable {
  /// The seed of the run.
  public var seed: UInt64
  /// The digest of the training data, `sha256:…`.
  public var dataDigest: String?
  /// The revision of the code, such as a commit.
  public var codeRevision: String?
  /// The version of Tern.
  public var ternVersion: String
  /// Milliseconds since the epoch, where the caller wants one recorded; not part of the content digest.
  public var createdAt: Int64?

  /// Describes a run.
  public init(
    seed: UInt64, dataDigest: String? = nil, codeRevision: String? = nil, ternVersion: String,
    createdAt: Int64? = nil
  ) {
    self.seed = seed
    self.dataDigest = dataDigest
    self.codeRevision = codeRevision
    self.ternVersion = ternVersion
    self.createdAt = createdAt
  }
}
