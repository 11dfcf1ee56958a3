import Artifacts
import Compute
import Diagnostics
import Files
import Foundation
import Layers
import NetworkFormats
import NetworkModels
import Networks
import Testing

@testable import Training

/// Networks written for other programs and read again.
@Suite struct NetworkExchangeTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "tern-\(UUID().uuidString)"
  ).path

  @Test(arguments: ["tabnet", "ft-transformer"], [Task.regression, .binary, .multiclass])
  func aWrittenNetworkComesBackToTheBit(name: String, task: Task) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try AtomicFile.createDirectory(folder)
    let artifact = try NetworkFixtures.artifact(name, task)
    let pool = ThreadPool(threads: 1)
    let path = folder + "/network.safetensors"
    let receipt = try NetworkModelExport.write(artifact, format: "safetensors", to: path, seed: 1, pool: pool)
    #expect(receipt?.maximumWeightDifference == 0 && receipt?.maximumPredictionDifference == 0)
    #expect(try NetworkModelImport.recognises(path: path))
    let isEqual = try NetworkModelImport(path: path).artifact == artifact
    #expect(isEqual)
    let summary = try NetworkModelImport(path: path).write(to: folder + "/run")
    #expect(summary.features == 3 && summary.task == task)
    guard case .network(let read) = try RunDirectory.model(at: folder + "/run") else {
      Issue.record("the run directory holds a network")
      return
    }
    let isSame = read == artifact
    #expect(isSame)
    // The run's own artifact is taken as well.
    #expect(try NetworkModelImport.recognises(path: folder + "/run/model.safetensors"))
    let isAgain = try NetworkModelImport(path: folder + "/run/model.safetensors").artifact == artifact
    #expect(isAgain)
    #expect(
      try NetworkModelExport.write(artifact, format: "onnx", to: folder + "/n.onnx", seed: 1, pool: pool)
        == nil)
    #expect(try AtomicFile.read(folder + "/n.onnx").count > 1000)
  }

  /// A state of the original program alone: predictions are those of the same weights, codes stand for themselves.
  @Test(arguments: ["tabnet", "ft-transformer"])
  func aForeignStateIsTakenWithItsConfiguration(name: String) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try AtomicFile.createDirectory(folder)
    let inputs = TabularInputs(numeric: 2, cardinalities: [12])
    let architecture = NetworkFixtures.architecture(name)
    let network = try architecture.network(
      inputs: inputs, outputs: 1, ParameterScope(RandomSource(seed: 8), into: Parameters()))
    let tensors = try ForeignExport.tensors(of: network).map {
      NamedTensor($0.name, shape: $0.shape, .float32($0.values))
    }
    let configuration =
      name == TabNet.name
      ? #"{"input_dim": 3, "output_dim": 1, "cat_idxs": [2], "cat_dims": [12], "cat_emb_dim": [1]}"#
      : #"{"n_cont_features": 2, "cat_cardinalities": [12], "d_out": 1, "n_blocks": 2, "d_block": 16, "attention_n_heads": 4, "ffn_d_hidden": null}"#
    let program = try ForeignExport.names(of: network).program + " 1.0"
    let path = folder + "/state.safetensors"
    var metadata = ["program": program, "configuration": configuration, "task": "binary"]
    metadata["feature_names"] = #"["u","v","w"]"#
    let counter = NamedTensor("tabnet.initial_bn.num_batches_tracked", shape: [], .int64([3]))
    try Safetensors.write(
      tensors: name == TabNet.name ? tensors + [counter] : tensors, metadata: metadata, to: path)
    let artifact = try NetworkModelImport(path: path, target: "z").artifact
    let signature = artifact.description.signature
    #expect(signature.task == .binary && signature.classes == ["0", "1"] && signature.target == "z")
    #expect(signature.inputs.map(\.name) == ["u", "v", "w"])
    let vocabulary = try #require(signature.inputs[2].vocabulary)
    let rank = try #require(vocabulary.firstIndex(of: "10"))
    let pool = ThreadPool(threads: 1)
    let found = try artifact.model.predict(columns: [[0.5], [-1], [Float(rank)]], pool: pool)[0]
    var header = artifact.model.header
    header.preparation = .init(identity: [nil, nil, (0..<10).map { Int32($0) }])
    let wanted = try NetworkModel(header: header, weights: network.parameters.values)
    // Ten codes and the two of the unknown and the missing: the code 10 is the missing one's row there.
    #expect(try wanted.predict(columns: [[0.5], [-1], [.nan]], pool: pool)[0] == found)
    // A missing code reads the mean of the vectors, and so predicts something of its own.
    let missing = try artifact.model.predict(columns: [[0.5], [-1], [.nan]], pool: pool)[0]
    #expect(missing.isFinite && missing != found)
    metadata["program"] = "another"
    try Safetensors.write(tensors: tensors, metadata: metadata, to: path)
    #expect(throws: TernError.self) { try NetworkModelImport(path: path) }
    metadata["program"] = program
    metadata["configuration"] = "{}"
    try Safetensors.write(tensors: tensors, metadata: metadata, to: path)
    #expect(throws: TernError.self) { try NetworkModelImport(path: path) }
  }

  @Test func unknownFormatsAreNamed() throws {
    let artifact = try NetworkFixtures.artifact("tabnet", .binary)
    let pool = ThreadPool(threads: 1)
    let error = #expect(throws: TernError.self) {
      try NetworkModelExport.write(artifact, format: "onx", to: folder, seed: 0, pool: pool)
    }
    #expect(error?.kind == .usage && error?.message.contains("onnx") == true)
  }
}
