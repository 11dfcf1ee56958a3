import Artifacts
import Diagnostics
import Files
import HDF5

extension Checkpoint {
  /// Reads a checkpoint and checks it whole: layout, names, documents and the content digest.
  /// - Throws: `TernError` of kind `data` naming the file and what does not fit.
  public static func read(_ path: String) throws(TernError) -> Checkpoint {
    try read(from: try HDF5File.open(path), path: path)
  }

  /// Reads a checkpoint from the bytes of its file; `name` stands for the path in errors.
  /// - Throws: `TernError` of kind `data`.
  public static func read(image: [UInt8], named name: String) throws(TernError) -> Checkpoint {
    try read(from: try HDF5File.open(image: image, named: name), path: name)
  }

  private static func read(from file: HDF5File, path: String) throws(TernError) -> Checkpoint {
    guard try file.hasAttribute("format"), case let found = try file.stringAttribute("format"),
      found == format
    else { throw TernError(.data, "is not a Tern checkpoint", file: path, key: "format", expected: format) }
    let version = try file.integerAttribute("format_version")
    guard version == formatVersion else {
      throw TernError(
        .data, "is of another version", file: path, key: "format_version", found: "\(version)",
        expected: "\(formatVersion)")
    }
    let provenance = try CanonicalJSON.decode(
      Provenance.self, from: Array(try file.stringAttribute("provenance").utf8), file: path)
    let checkpoint = Checkpoint(
      model: try file.stringAttribute("model"),
      weights: try tensors("weights", in: file, path: path),
      configuration: try file.stringAttribute("configuration"),
      featureSchema: try file.hasAttribute("feature_schema")
        ? try file.stringAttribute("feature_schema") : nil,
      metrics: try metrics(in: file, path: path),
      provenance: provenance,
      optimizer: try tensors("optimizer", in: file, path: path),
      random: try tensors("random", in: file, path: path))
    do throws(TernError) {
      try checkpoint.validate()
    } catch {
      throw error.inFile(path)
    }
    let stored = try file.stringAttribute("content_digest")
    let computed = try checkpoint.contentDigest().description
    guard stored == computed else {
      throw TernError(
        .data, "the content does not match its digest", file: path, key: "content_digest", found: computed,
        expected: stored)
    }
    return checkpoint
  }

  private static func tensors(
    _ group: String, in file: HDF5File, path: String
  ) throws(TernError) -> [NamedTensor] {
    var tensors: [NamedTensor] = []
    for name in try file.names(in: "/\(group)") {
      let object = "/\(group)/\(name)"
      switch try file.elementType(of: object) {
      case .float32:
        let (shape, values) = try file.read(object, as: Float.self)
        tensors.append(NamedTensor(name, shape: shape, .float32(values)))
      case .float64:
        let (shape, values) = try file.read(object, as: Double.self)
        tensors.append(NamedTensor(name, shape: shape, .float64(values)))
      case .int32:
        let (shape, values) = try file.read(object, as: Int32.self)
        tensors.append(NamedTensor(name, shape: shape, .int32(values)))
      case .int64:
        let (shape, values) = try file.read(object, as: Int64.self)
        tensors.append(NamedTensor(name, shape: shape, .int64(values)))
      case .uint8:
        let (shape, values) = try file.read(object, as: UInt8.self)
        tensors.append(NamedTensor(name, shape: shape, .uint8(values)))
      case nil:
        throw TernError(
          .data, "has an element type that is not read here", file: path, key: object,
          expected: "float32, float64, int32, int64 or uint8")
      }
    }
    return tensors
  }

  private static func metrics(in file: HDF5File, path: String) throws(TernError) -> [MetricSeries] {
    var metrics: [MetricSeries] = []
    for split in try file.names(in: "/metrics") {
      for name in try file.names(in: "/metrics/\(split)") {
        let object = "/metrics/\(split)/\(name)"
        let steps = try file.read("\(object)/step", as: Int64.self)
        let values = try file.read("\(object)/value", as: Double.self)
        guard steps.shape.count == 1, steps.shape == values.shape else {
          throw TernError(
            .data, "every value needs its step", file: path, key: object, found: "\(values.shape) values",
            expected: "\(steps.shape)")
        }
        metrics.append(MetricSeries(split: split, name: name, steps: steps.values, values: values.values))
      }
    }
    return metrics
  }
}
