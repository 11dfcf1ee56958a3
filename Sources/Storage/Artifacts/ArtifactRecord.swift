import Files

/// What a registry exports of one version for readers without a database: everything needed to load and check it.
///
/// Paths are relative to the registry's directory.
public struct ArtifactRecord: Codable, Sendable, Equatable {
  /// A file of a version.
  public struct File: Codable, Sendable, Equatable {
    /// What the file is for, such as `weights`.
    public var role: String
    /// The digest of its bytes.
    public var digest: Digest
    /// Its size in bytes.
    public var size: Int64
    /// Where it lies.
    public var path: String

    /// Describes a file.
    public init(role: String, digest: Digest, size: Int64, path: String) {
      self.role = role
      self.digest = digest
      self.size = size
      self.path = path
    }
  }

  /// One layer of a stack: an exact version of a model.
  public struct Layer: Codable, Sendable, Equatable {
    /// The place in the stack, such as `regime` or `signal`.
    public var role: String
    /// The layer's registered name.
    public var name: String
    /// The layer's version.
    public var version: Int
    /// The digest of the layer's manifest.
    public var digest: Digest
    /// Where the layer's manifest lies.
    public var manifest: String
    /// The layer's files.
    public var files: [File]

    /// Describes a layer.
    public init(role: String, name: String, version: Int, digest: Digest, manifest: String, files: [File]) {
      self.role = role
      self.name = name
      self.version = version
      self.digest = digest
      self.manifest = manifest
      self.files = files
    }
  }

  /// The registered name.
  public var name: String
  /// The alias this record was exported for, nil in the record of a version.
  public var alias: String?
  /// The version.
  public var version: Int
  /// `model` or `stack`.
  public var kind: String
  /// The digest of the manifest.
  public var digest: Digest
  /// Where the manifest lies.
  public var manifest: String
  /// The digest of the feature schema.
  public var featureSchema: Digest?
  /// The files, by role.
  public var files: [File]
  /// The layers of a stack, in the order of their roles.
  public var layers: [Layer]

  /// Describes a version.
  public init(
    name: String, alias: String?, version: Int, kind: String, digest: Digest, manifest: String,
    featureSchema: Digest?, files: [File], layers: [Layer]
  ) {
    self.name = name
    self.alias = alias
    self.version = version
    self.kind = kind
    self.digest = digest
    self.manifest = manifest
    self.featureSchema = featureSchema
    self.files = files
    self.layers = layers
  }

  /// The file with a role, nil when there is none.
  public func file(_ role: String) -> File? { files.first { $0.role == role } }
}
