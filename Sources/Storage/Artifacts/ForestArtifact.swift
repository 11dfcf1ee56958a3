import Diagnostics
import Files
import Trees

/// A trained forest and what it takes to use it, as a published safetensors file holds them: node arrays as tensors,
/// everything else as the JSON text `configuration` of the metadata.
///
/// Nothing here depends on when, where or on how many threads the model was trained, so equal models have equal
/// bytes.
public struct ForestArtifact: Sendable {
  /// Everything of a model that is not an array.
  public typealias Description = ArtifactDescription<Forest.Header>

  private static let prefix = "forest."

  /// Everything that is not an array.
  public let description: Description
  /// The trees.
  public let forest: Forest

  /// Gathers the parts.
  public init(description: Description, forest: Forest) {
    self.description = description
    self.forest = forest
  }

  /// Reads and checks an artifact.
  /// - Throws: `TernError` of kind `data` naming the file for anything that is not a whole, consistent model.
  public init(path: String) throws(TernError) {
    try self.init(file: SafetensorsFile(path: path))
  }

  /// Reads and checks an artifact that is already open: its content digest first, then every array.
  public init(file: SafetensorsFile) throws(TernError) {
    let content = try ArtifactContent(file)
    let description = try CanonicalJSON.decode(
      Description.self, from: content.configuration.utf8, file: file.path)
    try self.init(description: description, tensors: content.tensors, file: file.path)
  }

  /// Puts a model together from its description and the tensors of `tensors()`.
  public init(description: Description, tensors: [NamedTensor], file: String? = nil) throws(TernError) {
    var arrays: [Forest.NamedTensor] = []
    for tensor in tensors where tensor.name.hasPrefix(ForestArtifact.prefix) {
      let name = String(tensor.name.dropFirst(ForestArtifact.prefix.count))
      switch tensor.element {
      case .int32(let values): arrays.append((name, tensor.shape, .int32(values)))
      case .float32(let values): arrays.append((name, tensor.shape, .float32(values)))
      case .float64(let values): arrays.append((name, tensor.shape, .float64(values)))
      default:
        throw TernError(
          .data, "has the wrong element type", file: file, key: tensor.name, found: "\(tensor.element.type)",
          expected: "I32, F32 or F64")
      }
    }
    guard description.signature.outputs == description.header.outputs,
      description.signature.inputs.map(\.name) == description.header.featureNames
    else {
      throw TernError(
        .data, "the signature and the forest disagree", file: file, key: "model.signature",
        found: "\(description.signature.inputs.count) inputs, \(description.signature.outputs) outputs",
        expected: "\(description.header.featureNames.count) inputs, \(description.header.outputs) outputs")
    }
    do throws(TernError) {
      forest = try Forest(header: description.header, tensors: arrays)
    } catch {
      throw file.map(error.inFile) ?? error
    }
    self.description = description
  }

  /// The node arrays by dotted name.
  public func tensors() -> [NamedTensor] {
    forest.tensors().map { tensor in
      switch tensor.values {
      case .int32(let values):
        return NamedTensor(ForestArtifact.prefix + tensor.name, shape: tensor.shape, .int32(values))
      case .float32(let values):
        return NamedTensor(ForestArtifact.prefix + tensor.name, shape: tensor.shape, .float32(values))
      case .float64(let values):
        return NamedTensor(ForestArtifact.prefix + tensor.name, shape: tensor.shape, .float64(values))
      }
    }
  }
}

extension Forest.Header: ArtifactHeader {
  /// Its key in the description.
  public static var key: String { "forest" }
}
