import Diagnostics
import Files
import Layers
import NetworkModels

/// A trained network and what it takes to use it, as a published safetensors file holds them: parameters and the quantiles of
/// the preparation as tensors, everything else as the JSON text `configuration` of the metadata.
///
/// Nothing here depends on when, where or on how many threads the model was trained, so equal models have equal bytes.
public struct NetworkArtifact: Sendable, Equatable {
  /// Everything of a model that is not a tensor.
  public typealias Description = ArtifactDescription<NetworkModel.Header>

  private static let prefix = "network."
  /// The tensor of the preparation's quantiles, one column behind the other; absent where there are none.
  private static let quantiles = "preparation.quantiles"

  /// Everything that is not a tensor.
  public let description: Description
  /// The network.
  public let model: NetworkModel

  /// Puts an artifact together and checks that its parts agree.
  /// - Throws: `TernError` of kind `data`.
  public init(description: Description, model: NetworkModel) throws(TernError) {
    let expected = description.signature.outputs
    guard model.header == description.header else {
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

  /// Puts a model together from its description, quantiles still to come, and the tensors of `tensors()`.
  /// - Throws: `TernError` of kind `data`.
  public init(description: Description, tensors: [NamedTensor], file: String? = nil) throws(TernError) {
    func refuse(_ tensor: NamedTensor, expected: String) -> TernError {
      TernError(
        .data, "has the wrong element type", file: file, key: tensor.name, found: "\(tensor.element.type)",
        expected: expected)
    }
    var weights: [ParameterValues] = []
    var quantiles: [Double] = []
    for tensor in tensors {
      if tensor.name == NetworkArtifact.quantiles {
        guard case .float64(let values) = tensor.element else { throw refuse(tensor, expected: "F64") }
        quantiles = values
      }
      guard tensor.name.hasPrefix(NetworkArtifact.prefix) else { continue }
      guard case .float32(let values) = tensor.element else { throw refuse(tensor, expected: "F32") }
      weights.append(
        ParameterValues(
          name: String(tensor.name.dropFirst(NetworkArtifact.prefix.count)), shape: tensor.shape,
          values: values))
    }
    do throws(TernError) {
      var description = description
      description.header.preparation = try description.header.preparation.filled(with: quantiles)
      try self.init(
        description: description, model: try NetworkModel(header: description.header, weights: weights))
    } catch {
      throw file.map(error.inFile) ?? error
    }
  }

  /// The parameters by dotted name, and the quantiles of the preparation where there are any.
  public func tensors() -> [NamedTensor] {
    let quantiles = model.header.preparation.quantiles
    return model.weights.map {
      NamedTensor(NetworkArtifact.prefix + $0.name, shape: $0.shape, .float32($0.values))
    } + (quantiles.isEmpty ? [] : [NamedTensor(NetworkArtifact.quantiles, .float64(quantiles))])
  }
}

extension NetworkModel.Header: ArtifactHeader {
  /// Its key in the description.
  public static var key: String { "network" }
}
