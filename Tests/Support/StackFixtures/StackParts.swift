import Artifacts
import Calibration
import Chronology
import Compute
import DecisionFixtures
import Diagnostics
import Features
import Files
import Market
import Registry
import Trees

/// Everything a stack is made of, to be registered or spoiled.
public struct StackParts {
  /// What the registry says of the stack.
  public var description: StackDescription
  /// The features.
  public var schema: FeatureSchema
  /// Layer 1.
  public var regime: ForestArtifact
  /// Layer 3.
  public var signal: ForestArtifact

  /// A stack of random forests over a few features of a day, or of all features at phase 1's size.
  public init(features: Int?, share: Double, seed: UInt64 = 1) throws {
    let all = try FeatureCatalogue.schema(for: .minute)
    let names = all.features.filter { $0.warmUp < 100 }.map(\.name)
    let schema = try features.map {
      try FeatureCatalogue.schema(for: .minute, selecting: Array(names.prefix($0)))
    }
    let market = try SmallMarket.days(1)
    let matrix = try FeatureBuilder.build(market, schema: schema ?? all)
    try self.init(try RandomStack(matrix: matrix, share: share, seed: seed))
  }

  private init(_ stack: RandomStack) throws {
    schema = stack.schema
    func artifact(_ model: String, _ forest: Forest, _ target: String, _ classes: [String]) -> ForestArtifact
    {
      ForestArtifact(
        description: ForestArtifact.Description(
          model: model,
          signature: ModelSignature(
            inputs: forest.header.featureNames.map { ModelSignature.Input(name: $0) }, target: target,
            task: .multiclass, classes: classes),
          featureSchema: stack.schema.hash, header: forest.header, parameters: .object([:]),
          bestIteration: forest.rounds - 1),
        forest: forest)
    }
    regime = artifact("lightgbm", stack.regime, "regime", Regime.allCases.map(\.name))
    signal = artifact("xgboost", stack.signal, "label", Direction.allCases.map(\.name))
    description = StackDescription(
      symbol: "SYNTHUSDT", interval: .minute, featureSchema: stack.schema.hash, layers: [],
      calibration: stack.calibrator, confidence: 0.65,
      limits: StackDescription.Limits(
        marginFraction: Rate(units: 8_000_000), leverage: Rate(units: 500_000_000),
        takeProfit: Rate(units: 1_500_000), stopLoss: Rate(units: 500_000),
        horizon: Interval(milliseconds: 3_600_000)))
    description.layers = try layers()
  }

  /// The layers' entries with the digests that their artifacts now have.
  public func layers() throws -> [StackDescription.Layer] {
    try [("regime", regime), ("signal", signal)].map { role, artifact in
      StackDescription.Layer(
        role: role, model: artifact.description.model, artifact: Digest(of: try StackParts.bytes(artifact)))
    }
  }

  /// A published artifact.
  public static func bytes(_ artifact: ForestArtifact) throws -> [UInt8] {
    var metadata = [
      "format": "tern-artifact",
      "configuration": String(decoding: try CanonicalJSON.encode(artifact.description), as: UTF8.self),
    ]
    let tensors = artifact.tensors()
    metadata[ContentDigest.key] = ContentDigest.compute(tensors: tensors, metadata: metadata).description
    return try Safetensors.encode(tensors: tensors, metadata: metadata)
  }

  /// Registers layers and stack.
  @discardableResult
  public func register(_ name: String, in registry: ModelRegistry) throws -> RegisteredVersion {
    let dataset = Digest(of: Array("dataset".utf8))
    let evaluation = EvaluationRecord(unseen: true, method: .walkForward, dataset: dataset, passed: true)
    var parents: [String: String] = [:]
    for (role, artifact) in [("regime", regime), ("signal", signal)] {
      let version = try registry.register(
        Registration(
          name: "\(name)-\(role)", kind: .model,
          files: ["artifact": .bytes(try StackParts.bytes(artifact)), "checkpoint": .bytes([1, 2, 3])],
          featureSchema: schema.hash, dataset: dataset, evaluation: evaluation)
      ).version
      parents[role] = "\(version.name)@\(version.version)"
    }
    return try registry.register(
      Registration(
        name: name, kind: .stack,
        files: [
          "stack": .bytes(try CanonicalJSON.encode(description)),
          "schema": .bytes(try CanonicalJSON.encode(schema)), "report": .bytes(Array("{}".utf8)),
        ],
        featureSchema: schema.hash, dataset: dataset, parents: parents, evaluation: evaluation)
    ).version
  }
}
