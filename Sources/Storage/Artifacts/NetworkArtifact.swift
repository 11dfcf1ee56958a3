import Diagnostics
import Files
import NetworkModels

/// A trained network and what it takes to use it, as a published safetensors file holds them: parameters as tensors,
/// everything else as the JSON text `configuration` of the metadata.
///
/// Nothing here depends on when, where or on how many threads the model was trained, so equal models have equal bytes.
public struct NetworkArtifact: Sendable, Equatable {
  /// Everything of a model that is not a tensor.
  public struct Description: Codable, Equatable, Sendable {
    /// Family of the model, as `tern train --model` calls it.
    public var model: String
    /// Inputs and outputs.
    public var signature: ModelSignature
    /// Hash of the feature schema the inputs begin with; nil for a model of a plain table.
    public var featureSchema: Digest?
    /// The network, how rows are prepared for it, and what its outputs mean.
    public var network: NetworkModel.Header
    /// Resolved hyper-parameters.
    public var parameters: JSONValue
    /// Epoch, from zero, with the best validation score.
    public var bestIteration: Int

    enum CodingKeys: String, CodingKey {
      case model, signature, network, parameters
      case featureSchema = "feature_schema"
      case bestIteration = "best_iteration"
    }

    /// Gathers the parts.
    public init(
      model: String, signature: ModelSignature, featureSchema: Digest?, network: NetworkModel.Header,
      parameters: JSONValue, bestIteration: Int
    ) {
      self.model = model
      self.signature = signature
      self.featureSchema = featureSchema
      self.network = network
      self.parameters = parameters
      self.bestIteration = bestIteration
    }
  }

  private static let prefix = "network."

  /// Everything that is not a tensor.
  public let description: Description
  /// The network.
  public let model: NetworkModel

  /// Puts an artifact together and checks that its parts agree.
  /// - Throws: `TernError` of kind `data`.
  public init(description: Description, model: NetworkModel) throws(TernError) {
    let expected = description.signature.outputs
    guard model.header == description.network else {
      throw TernError(.data, "the description is of another network", key: "model.network")
    }
    guard expected == model.outputs,
      description.signature.inputs.map(\.name) == model.header.featureNames
    else {
      throw TernError(
        .data, "the signature and the network disagree", key: "model.signature",
        found: "\(description.signature.inputs.count) inputs, \(expected) outputs",
        expected: "\(model.header.featureNames.count) inputs, \(model.outputs) outputs")
    }
    self.description = description
    self.model = model
  }

  /// Reads and checks an artifact that is already open: its content digest first, then every tensor.
  /// - Throws: `TernError` of kind `data` naming the file for anything that is not a whole, consistent model.
  public init(file: SafetensorsFile) throws(TernError) {
    let content = try ArtifactContent(file)
    let description = try CanonicalJSON.decode(
      Description.self, from: content.configuration.utf8, file: file.path)
    try self.init(description: description, tensors: content.tensors, file: file.path)
  }

  /// Puts a model together from its description and the tensors of `tensors()`.
  /// - Throws: `TernError` of kind `data`.
  public init(description: Description, tensors: [NamedTensor], file: String? = nil) throws(TernError) {
    var weights: [NetworkModel.Weight] = []
    for tensor in tensors where tensor.name.hasPrefix(NetworkArtifact.prefix) {
      guard case .float32(let values) = tensor.element else {
        throw TernError(
          .data, "has the wrong element type", file: file, key: tensor.name, found: "\(tensor.element.type)",
          expected: "F32")
      }
      weights.append(
        NetworkModel.Weight(
          name: String(tensor.name.dropFirst(NetworkArtifact.prefix.count)), shape: tensor.shape,
          values: values))
    }
    do throws(TernError) {
      try self.init(
        description: description, model: try NetworkModel(header: description.network, weights: weights))
    } catch {
      throw file.map(error.inFile) ?? error
    }
  }

  /// The parameters by dotted name.
  public func tensors() -> [NamedTensor] {
    model.weights.map { NamedTensor(NetworkArtifact.prefix + $0.name, shape: $0.shape, .float32($0.values)) }
  }
}
