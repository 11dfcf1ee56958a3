import Artifacts
import Checkpoints
import Compute
import Diagnostics
import Files
import ForestFormats
import Trees

/// Writes a model for another program: the work behind `tern export`.
public enum ModelExport {
  /// The name of this program's own artifacts among the formats.
  public static let safetensors = "safetensors"
  /// Rows that the receipt of an export is sampled over.
  public static let sampledRows = 10_000

  /// Finds a format.
  /// - Throws: `TernError` of kind `usage` with the nearest known name.
  public static func format(named name: String) throws(TernError) -> ForestFormat {
    guard let format = ForestFormat(rawValue: name) else {
      let names = ForestFormat.allCases.map(\.rawValue) + [safetensors]
      let hint = nearestName(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
      throw TernError(
        .usage, "is not a known format\(hint)", key: "--format", found: "\"\(name)\"",
        expected: "one of \(names.joined(separator: ", "))")
    }
    return format
  }

  /// Writes a file, reads it again and compares.
  /// - Throws: `TernError` of kind `data` where the format cannot say what the model does.
  public static func write(
    _ artifact: ForestArtifact, format name: String, to output: String, seed: UInt64, pool: ThreadPool
  ) throws(TernError) -> ParityReceipt {
    let model = foreign(artifact)
    guard name != safetensors else {
      let checkpoint = Checkpoint(
        model: artifact.description.model, weights: artifact.tensors(),
        configuration: String(decoding: try CanonicalJSON.encode(artifact.description), as: UTF8.self),
        provenance: Provenance(seed: 0, ternVersion: TernVersion.text))
      _ = try publish(checkpoint: checkpoint, to: output)
      let copy = foreign(try ForestArtifact(path: output))
      return try ParityReceipt(of: model, and: copy, rows: sampledRows, seed: seed, pool: pool)
    }
    let format = try format(named: name)
    try AtomicFile.write(try format.write(model), to: output)
    let copy = try format.read(Array(try AtomicFile.read(output)), file: output)
    return try ParityReceipt(of: model, and: copy, rows: sampledRows, seed: seed, pool: pool)
  }

  /// An artifact as the formats see it.
  static func foreign(_ artifact: ForestArtifact) -> ForeignForest {
    var objective = ""
    if case .object(let members) = artifact.description.parameters,
      case .string(let name)? = members["objective"]
    {
      objective = name
    }
    return ForeignForest(
      forest: artifact.forest, objective: objective,
      categories: artifact.description.signature.inputs.map(\.vocabulary),
      classes: artifact.description.signature.classes)
  }
}
