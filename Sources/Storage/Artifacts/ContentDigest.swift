import Files

/// The digest of everything in an artifact: a safetensors file has no checksum of its own, and a flipped bit in a
/// threshold would be a model all the same.
public enum ContentDigest {
  /// The metadata key that holds it.
  public static let key = "content_digest"

  /// SHA-256 over all other metadata entries and all tensors, each by name, in order of name, every part preceded by
  /// its length.
  public static func compute(tensors: [NamedTensor], metadata: [String: String]) -> Digest {
    var hasher = DigestHasher()
    func add(_ value: Int) { withUnsafeBytes(of: Int64(value).littleEndian) { hasher.update(raw: $0) } }
    func add(_ text: String) {
      add(text.utf8.count)
      hasher.update(Array(text.utf8))
    }
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) where name != key {
      add(name)
      add(value)
    }
    for tensor in tensors.sorted(by: { $0.name < $1.name }) {
      add(tensor.name)
      add(tensor.element.type.rawValue)
      tensor.shape.forEach { add($0) }
      tensor.element.withUnsafeBytes { hasher.update(raw: $0) }
    }
    return hasher.finish()
  }
}
