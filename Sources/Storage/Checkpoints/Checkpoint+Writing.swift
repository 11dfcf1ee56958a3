import Artifacts
import Diagnostics
import Files
import HDF5

extension Checkpoint {
  /// What the root attribute `format` says.
  static let format = "tern-checkpoint"
  /// The version of the layout.
  static let formatVersion: Int64 = 1

  /// Writes an HDF5 file so that a reader sees the old content or the new, never a part.
  ///
  /// Layout: one dataset per tensor, `/weights/<dotted name>`, `/optimizer/…`, `/random/…`; the metrics history as
  /// `/metrics/<split>/<name>/step` and `…/value`; the root attributes `format`, `format_version`, `model`,
  /// `configuration`, `feature_schema`, `provenance` (JSON texts) and `content_digest`.
  /// - Returns: the content digest.
  /// - Throws: `TernError` of kind `temporary` when the disk is full, `data` for a name that cannot be stored.
  @discardableResult
  public func write(to path: String) throws(TernError) -> Digest {
    let digest: Digest
    do throws(TernError) {
      try validate()
      digest = try contentDigest()
    } catch {
      throw error.inFile(path)
    }
    try AtomicFile.replace(path) { temporary throws(TernError) in
      do throws(TernError) {
        let file = try HDF5File.create(temporary)
        try write(into: file, digest: digest)
        try file.close()
      } catch {
        var named = error
        named.file = path
        throw named
      }
    }
    return digest
  }

  private func write(into file: HDF5File, digest: Digest) throws(TernError) {
    try file.setAttribute("format", to: Self.format)
    try file.setAttribute("format_version", to: Self.formatVersion)
    try file.setAttribute("model", to: model)
    try file.setAttribute("configuration", to: configuration)
    if let featureSchema { try file.setAttribute("feature_schema", to: featureSchema) }
    try file.setAttribute(
      "provenance", to: String(decoding: try CanonicalJSON.encode(provenance), as: UTF8.self))
    try file.setAttribute("content_digest", to: digest.description)
    for (group, tensors) in tensorGroups {
      try file.createGroup("/\(group)")
      for tensor in tensors {
        let object = "/\(group)/\(tensor.name)"
        switch tensor.element {
        case .float32(let values): try file.write(values, shape: tensor.shape, to: object)
        case .float64(let values): try file.write(values, shape: tensor.shape, to: object)
        case .int32(let values): try file.write(values, shape: tensor.shape, to: object)
        case .int64(let values): try file.write(values, shape: tensor.shape, to: object)
        case .uint8(let values): try file.write(values, shape: tensor.shape, to: object)
        }
      }
    }
    try file.createGroup("/metrics")
    for series in metrics {
      try file.write(series.steps, to: "/metrics/\(series.split)/\(series.name)/step")
      try file.write(series.values, to: "/metrics/\(series.split)/\(series.name)/value")
    }
  }
}
