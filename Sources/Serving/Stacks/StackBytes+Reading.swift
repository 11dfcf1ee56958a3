import Artifacts
import Diagnostics
import Files

extension StackBytes {
  /// Follows the digests from a record to every byte that is used.
  /// - Throws: `TernError` of kind `data` naming the first thing that is absent, altered or contradicts another.
  init(record: ArtifactRecord, directory: String) throws(TernError) {
    let files = VerifiedFiles(directory: directory)
    guard record.kind == "stack" else {
      throw TernError(
        .data, "is not a stack", file: directory, key: "\(record.name)@\(record.version)",
        found: record.kind, expected: "stack")
    }
    let manifest = try StackBytes.manifest(
      record.manifest, record.digest, files: record.files, kind: "stack", in: files)
    guard manifest.featureSchema == record.featureSchema else {
      throw StackBytes.contradiction(directory, record.manifest, "featureSchema")
    }
    let parents = manifest.lineage.parents
    guard parents.count == record.layers.count else {
      throw StackBytes.contradiction(directory, record.manifest, "lineage.parents")
    }
    var layers: [Layer] = []
    for (parent, layer) in zip(parents, record.layers) {
      guard parent.role == layer.role, parent.name == layer.name, parent.version == layer.version,
        parent.digest == layer.digest, !layers.contains(where: { $0.role == layer.role })
      else { throw StackBytes.contradiction(directory, record.manifest, "lineage.parents.\(parent.role)") }
      let own = try StackBytes.manifest(
        layer.manifest, layer.digest, files: layer.files, kind: "model", in: files)
      let artifact = try StackBytes.file("artifact", of: layer.files, in: files, layer.manifest)
      layers.append(
        Layer(
          role: layer.role, name: layer.name, version: layer.version, digest: artifact.digest,
          artifact: artifact.part, featureSchema: own.featureSchema))
    }
    self.init(
      name: record.name, version: record.version, digest: record.digest,
      featureSchema: manifest.featureSchema,
      stack: try StackBytes.file("stack", of: record.files, in: files, record.manifest).part,
      schema: try StackBytes.file("schema", of: record.files, in: files, record.manifest).part,
      layers: layers)
  }

  /// A manifest by its digest; the record must name exactly its files.
  private static func manifest(
    _ path: String, _ digest: Digest, files: [ArtifactRecord.File], kind: String, in source: VerifiedFiles
  ) throws(TernError) -> StackManifest {
    let bytes = try source.read(path, expecting: digest)
    let full = "\(source.directory)/\(path)"
    let manifest = try CanonicalJSON.decode(StackManifest.self, from: bytes, file: full)
    guard manifest.format == 1 else {
      throw TernError(
        .data, "the manifest has an unknown layout", file: full, key: "format", found: "\(manifest.format)",
        expected: "1")
    }
    guard manifest.kind == kind else {
      throw TernError(
        .data, "is another kind of entry", file: full, key: "kind", found: manifest.kind, expected: kind)
    }
    let recorded = files.map { StackManifest.File(role: $0.role, digest: $0.digest, size: $0.size) }
    guard recorded == manifest.files else { throw contradiction(source.directory, path, "files") }
    return manifest
  }

  private static func file(
    _ role: String, of files: [ArtifactRecord.File], in source: VerifiedFiles, _ manifest: String
  ) throws(TernError) -> (part: Part, digest: Digest) {
    guard let file = files.first(where: { $0.role == role }) else {
      throw TernError(
        .data, "the version has no such file", file: "\(source.directory)/\(manifest)", key: "files.\(role)")
    }
    let bytes = try source.read(file.path, expecting: file.digest)
    return (Part(path: "\(source.directory)/\(file.path)", bytes: bytes), file.digest)
  }

  private static func contradiction(_ directory: String, _ manifest: String, _ key: String) -> TernError {
    TernError(
      .data, "the exported record contradicts the manifest", file: "\(directory)/\(manifest)", key: key)
  }
}
