import Artifacts
import Files

/// What a version's manifest says of its files and layers: the part of the registry's layout that loading rests on.
///
/// Its bytes are addressed by the version's digest, so what it names is as trustworthy as that digest.
struct StackManifest: Decodable, Equatable {
  struct File: Decodable, Equatable {
    var role: String
    var digest: Digest
    var size: Int64
  }

  struct Parent: Decodable, Equatable {
    var role: String
    var name: String
    var version: Int
    var digest: Digest
  }

  struct Lineage: Decodable, Equatable {
    var parents: [Parent]
  }

  var format: Int
  var kind: String
  var files: [File]
  var featureSchema: Digest?
  var lineage: Lineage
}
