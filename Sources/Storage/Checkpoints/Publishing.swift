import Artifacts
import Diagnostics
import Files

/// Publishes a checkpoint as a serving artifact: its weights as a safetensors file, with the configuration in the
/// metadata.
///
/// Metadata keys: `format` (`tern-artifact`), `model`, `configuration`, `feature_schema`, `provenance` (JSON texts)
/// `checkpoint_digest`, and `content_digest` over all of them and the weights. Optimiser and generator state stay behind. Equal checkpoints give equal bytes.
/// - Parameters:
///   - checkpoint: what to publish.
///   - path: the artifact's file.
///   - metadata: further entries; they may not replace those above.
/// - Returns: the digest of the file.
/// - Throws: `TernError` of kind `temporary` when the disk is full, `data` for names that cannot be written.
@discardableResult
public func publish(
  checkpoint: Checkpoint, to path: String, metadata: [String: String] = [:]
) throws(TernError) -> Digest {
  do throws(TernError) {
    try checkpoint.validate()
    var timeless = checkpoint.provenance
    timeless.createdAt = nil
    var entries = [
      "format": "tern-artifact", "model": checkpoint.model, "configuration": checkpoint.configuration,
      "provenance": String(decoding: try CanonicalJSON.encode(timeless), as: UTF8.self),
      "checkpoint_digest": try checkpoint.contentDigest().description,
    ]
    entries["feature_schema"] = checkpoint.featureSchema
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      guard entries.updateValue(value, forKey: key) == nil else {
        throw TernError(.configuration, "the metadata key is reserved", key: key)
      }
    }
    entries[ContentDigest.key] =
      ContentDigest.compute(tensors: checkpoint.weights, metadata: entries).description
    let bytes = try Safetensors.encode(tensors: checkpoint.weights, metadata: entries)
    try AtomicFile.write(bytes, to: path)
    return Digest(of: bytes)
  } catch {
    throw error.inFile(path)
  }
}
