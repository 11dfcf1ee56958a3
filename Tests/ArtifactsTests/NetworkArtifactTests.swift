import Compute
import Diagnostics
import Files
import Layers
import NetworkModels
import Networks
import Preprocessing
import Testing

@testable import Artifacts

@Suite("Artifacts of networks")
struct NetworkArtifactTests {
  static let columns: [[Float]] = [[1, 2, 3, 4, 5, 6], [0, 1, 0, 1, .nan, 1]]

  static func artifact() throws -> NetworkArtifact {
    let preparation = try TablePreparation(
      fitting: columns, names: ["a", "b"], vocabularySizes: [nil, 2],
      configuration: PreprocessingConfiguration(),
      pool: ThreadPool(threads: 1))
    let header = NetworkModel.Header(
      architecture: .tabnet(TabNetConfiguration()), featureNames: ["a", "b"], preparation: preparation,
      target: .identity, outputs: 1, link: .logistic)
    let network = try header.architecture.network(
      inputs: header.inputs, outputs: 1, ParameterScope(RandomSource(seed: 3), into: Parameters()))
    let signature = ModelSignature(
      inputs: [.init(name: "a"), .init(name: "b", vocabulary: ["x", "y"])], target: "t", task: .binary,
      classes: ["0", "1"])
    return try NetworkArtifact(
      description: NetworkArtifact.Description(
        model: "tabnet", signature: signature, featureSchema: nil, header: header,
        parameters: .object(["n_steps": .integer(3)]), bestIteration: 2),
      model: try NetworkModel(header: header, weights: network.parameters.values))
  }

  static func bytes(_ artifact: NetworkArtifact) throws -> [UInt8] {
    let text = String(decoding: try CanonicalJSON.encode(artifact.description), as: UTF8.self)
    var metadata = ["format": ArtifactContent.format, "configuration": text]
    metadata[ContentDigest.key] =
      ContentDigest.compute(tensors: artifact.tensors(), metadata: metadata).description
    return try Safetensors.encode(tensors: artifact.tensors(), metadata: metadata)
  }

  @Test("are read as they were written, and predict the same")
  func roundTrip() throws {
    let artifact = try Self.artifact()
    let file = try SafetensorsFile(bytes: try Self.bytes(artifact), named: "model")
    guard case .network(let read) = try ModelArtifact(file: file) else {
      Issue.record("the artifact is read as a network")
      return
    }
    let isEqual = read == artifact
    #expect(isEqual)
    let pool = ThreadPool(threads: 1)
    let predictions = try ModelArtifact.network(read).predict(columns: Self.columns, pool: pool)
    #expect(try artifact.model.predict(columns: Self.columns, pool: pool) == predictions)
    #expect(predictions.count == 6 && Set(predictions).count > 3)
    let error = #expect(throws: TernError.self) { try ModelArtifact.network(read).forest(for: "refitting") }
    #expect(error?.kind == .usage)
  }

  @Test("quantiles are a tensor, and without them there is no model")
  func quantiles() throws {
    let artifact = try Self.artifact()
    let text = String(decoding: try CanonicalJSON.encode(artifact.description), as: UTF8.self)
    let description = try CanonicalJSON.decode(
      NetworkArtifact.Description.self, from: text.utf8, file: "model")
    let tensors = artifact.tensors()
    let read = try NetworkArtifact(description: description, tensors: tensors)
    let isEqual = read == artifact
    #expect(isEqual)
    let quantiles = try #require(tensors.first { $0.name == "preparation.quantiles" })
    #expect(quantiles.element.type == .float64 && quantiles.shape == [6])
    #expect(throws: TernError.self) {
      try NetworkArtifact(description: description, tensors: tensors.filter { $0 != quantiles })
    }
  }

  @Test("an altered byte is refused wherever it lies")
  func alteredBytes() throws {
    let bytes = try Self.bytes(try Self.artifact())
    for place in stride(from: 0, to: bytes.count, by: 37) {
      var altered = bytes
      altered[place] ^= 0x10
      #expect(throws: TernError.self) {
        try ModelArtifact(file: try SafetensorsFile(bytes: altered, named: "altered"))
      }
    }
  }

  @Test("a signature of other inputs or outputs is refused")
  func otherSignature() throws {
    let artifact = try Self.artifact()
    var description = artifact.description
    description.signature.inputs.removeLast()
    #expect(throws: TernError.self) { try NetworkArtifact(description: description, model: artifact.model) }
    description = artifact.description
    description.signature.task = .multiclass
    description.signature.classes = ["0", "1", "2"]
    #expect(throws: TernError.self) { try NetworkArtifact(description: description, model: artifact.model) }
  }
}
