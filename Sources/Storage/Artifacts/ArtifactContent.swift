import Diagnostics

/// What every artifact's file holds, its content digest checked: tensors, and the text that describes the model.
struct ArtifactContent {
  /// The value of the metadata key `format`.
  static let format = "tern-artifact"

  let configuration: String
  let tensors: [NamedTensor]

  /// Reads a file.
  /// - Throws: `TernError` of kind `data` naming the file when it is no artifact or was altered.
  init(_ file: SafetensorsFile) throws(TernError) {
    configuration = try ArtifactContent.configuration(of: file)
    tensors = try file.names.map { name throws(TernError) in try file.tensor(name) }
    let digest = ContentDigest.compute(tensors: tensors, metadata: file.metadata)
    guard file.metadata[ContentDigest.key] == digest.description else {
      throw TernError(
        .data, "the model was altered or damaged since it was published", file: file.path,
        key: "__metadata__.\(ContentDigest.key)", found: "\(digest)",
        expected: file.metadata[ContentDigest.key] ?? "a digest")
    }
  }

  /// The text that describes the model.
  /// - Throws: `TernError` of kind `data` naming the file when it is no artifact.
  static func configuration(of file: SafetensorsFile) throws(TernError) -> String {
    guard file.metadata["format"] == format, let text = file.metadata["configuration"] else {
      throw TernError(
        .data, "is not a model artifact", file: file.path, key: "__metadata__.format",
        found: file.metadata["format"].map { "\"\($0)\"" } ?? "none",
        expected: "\"\(format)\" and a configuration")
    }
    return text
  }
}
