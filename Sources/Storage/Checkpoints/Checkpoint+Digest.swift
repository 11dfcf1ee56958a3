import Artifacts
import Diagnostics
import Files

extension Checkpoint {
  /// The digest of the content: equal for equal work, whatever the time, the threads and the order given.
  ///
  /// SHA-256 over every part in a fixed order, each text and array preceded by its length, so that no two different
  /// checkpoints feed the hash the same bytes. `provenance.createdAt` is left out.
  public func contentDigest() throws(TernError) -> Digest {
    var hasher = DigestHasher()
    func add(_ value: Int) { withUnsafeBytes(of: Int64(value).littleEndian) { hasher.update(raw: $0) } }
    func add(_ text: String) {
      add(text.utf8.count)
      hasher.update(Array(text.utf8))
    }
    add("tern-checkpoint 1")
    add(model)
    add(configuration)
    add(featureSchema == nil ? 0 : 1)
    add(featureSchema ?? "")
    var timeless = provenance
    timeless.createdAt = nil
    add(String(decoding: try CanonicalJSON.encode(timeless), as: UTF8.self))
    for (group, tensors) in tensorGroups {
      add(group)
      add(tensors.count)
      for tensor in tensors {
        add(tensor.name)
        add(tensor.element.type.rawValue)
        add(tensor.shape.count)
        for extent in tensor.shape { add(extent) }
        tensor.element.withUnsafeBytes { hasher.update(raw: $0) }
      }
    }
    add(metrics.count)
    for series in metrics {
      add(series.split)
      add(series.name)
      add(series.steps.count)
      series.steps.withUnsafeBytes { hasher.update(raw: $0) }
      series.values.withUnsafeBytes { hasher.update(raw: $0) }
    }
    return hasher.finish()
  }
}
