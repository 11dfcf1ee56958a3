import Artifacts
import Boosting
import Checkpoints
import Compute
import Diagnostics
import Files
import Trees

/// The model families that train on a table of numbers.
public enum ModelFamily: String, CaseIterable, Sendable {
  /// Depth-wise histogram boosting after XGBoost.
  case xgboost
  /// Leaf-wise histogram boosting after LightGBM.
  case lightgbm

  /// Reads the name that `tern train --model` takes.
  /// - Throws: `TernError` of kind `usage` with the nearest known name.
  public init(named name: String) throws(TernError) {
    guard let family = ModelFamily(rawValue: name) else {
      let names = ModelFamily.allCases.map(\.rawValue)
      let hint = nearestName(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
      throw TernError(
        .usage, "is not a known model\(hint)", key: "--model", found: "\"\(name)\"",
        expected: "one of \(names.joined(separator: ", "))")
    }
    self = family
  }

  /// The boosting style behind the family.
  public var style: BoostingConfiguration.Style {
    switch self {
    case .xgboost: return .xgboost
    case .lightgbm: return .lightgbm
    }
  }
}

/// A boosting model fitted to rows that are already numbers.
public struct BoostingFit: Sendable {
  /// The model as it is stored and served.
  public let artifact: ModelArtifact
  /// Metrics after every round.
  public let history: [BoostingResult.Series]
  /// Number of rounds trained, including those after the best one.
  public let roundsTrained: Int
  private let seed: UInt64

  /// Trains a model.
  /// - Parameters:
  ///   - family: the algorithm.
  ///   - parameters: hyper-parameters by the peers' names, over the family's defaults.
  ///   - signature: inputs and outputs; its task decides the objective.
  ///   - featureSchema: hash of the feature schema the inputs begin with, if they are market features.
  /// - Throws: `TernError` of kind `configuration` for a wrong parameter, of kind `data` for a table that cannot be
  ///   learned from.
  public init(
    _ family: ModelFamily, parameters: [String: String], signature: ModelSignature,
    featureSchema: Digest? = nil,
    train: TrainingTable, valid: TrainingTable? = nil, seed: UInt64, pool: ThreadPool,
    progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) {
    var configuration = try BoostingConfiguration(style: family.style, parameters: parameters)
    switch signature.task {
    case .binary: configuration.objective = .logistic
    case .multiclass: configuration.objective = .softmax
    case .regression: configuration.objective = .squaredError
    }
    if signature.task == .multiclass { configuration.numClass = signature.classes.count }
    if parameters["seed"] == nil { configuration.seed = seed }
    let result = try Booster.train(
      configuration: configuration, train: train, valid: valid, pool: pool, progress: progress)
    // The number of threads never changes the result and must not change its digest either.
    var resolved = result.configuration
    resolved.threads = 0
    let encoded = try CanonicalJSON.encode(resolved)
    artifact = ModelArtifact(
      description: ModelArtifact.Description(
        model: family.rawValue, signature: signature, featureSchema: featureSchema,
        forest: result.forest.header,
        parameters: try CanonicalJSON.decode(JSONValue.self, from: encoded),
        bestIteration: result.bestIteration),
      forest: result.forest)
    history = result.history
    roundsTrained = result.roundsTrained
    self.seed = seed
  }

  /// The checkpoint of this model.
  /// - Parameters:
  ///   - data: digest of the training data.
  ///   - schema: the whole feature schema as JSON, if the inputs are market features.
  public func checkpoint(data: Digest?, schema: String? = nil) throws(TernError) -> Checkpoint {
    Checkpoint(
      model: artifact.description.model, weights: artifact.tensors(),
      configuration: String(decoding: try CanonicalJSON.encode(artifact.description), as: UTF8.self),
      featureSchema: schema,
      metrics: history.map { series in
        MetricSeries(
          split: series.dataset, name: series.metric.rawValue, steps: series.values.indices.map { Int64($0) },
          values: series.values)
      },
      provenance: Provenance(seed: seed, dataDigest: data?.description, ternVersion: TernVersion.text))
  }
}
