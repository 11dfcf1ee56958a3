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
  /// Rounds of the model that training went on from; the history begins after them.
  private let firstRound: Int
  private let seed: UInt64

  /// Trains a model.
  /// - Parameters:
  ///   - family: the algorithm.
  ///   - parameters: hyper-parameters by the peers' names, over the family's defaults.
  ///   - signature: inputs and outputs; its task decides the objective unless the parameters name one of the task.
  ///   - featureSchema: hash of the feature schema the inputs begin with, if they are market features.
  ///   - options: an initial forest, an interrupted training, callbacks.
  /// - Throws: `TernError` of kind `configuration` for a wrong parameter, of kind `data` for a table that cannot be
  ///   learned from.
  public init(
    _ family: ModelFamily, parameters: [String: String], signature: ModelSignature,
    featureSchema: Digest? = nil,
    train: TrainingTable, valid: TrainingTable? = nil, seed: UInt64, pool: ThreadPool,
    options: BoostingOptions = BoostingOptions(), progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) {
    let configuration = try BoostingFit.configuration(
      family, parameters: parameters, signature: signature, seed: seed)
    let result = try Booster.train(
      configuration: configuration, train: train, valid: valid, pool: pool, options: options,
      progress: progress
    )
    artifact = try BoostingFit.artifact(
      family, signature: signature, featureSchema: featureSchema, configuration: result.configuration,
      forest: result.forest, bestIteration: result.bestIteration)
    history = result.history
    firstRound = result.initialRounds
    roundsTrained = result.roundsTrained
    self.seed = seed
  }

  /// Re-fits the leaves of a model to other rows (`Booster.refit`).
  public init(
    refitting model: ModelArtifact, _ family: ModelFamily, parameters: [String: String], table: TrainingTable,
    seed: UInt64, pool: ThreadPool
  ) throws(TernError) {
    let signature = model.description.signature
    let configuration = try BoostingFit.configuration(
      family, parameters: parameters, signature: signature, seed: seed)
    let forest = try Booster.refit(model.forest, configuration: configuration, table: table, pool: pool)
    artifact = try BoostingFit.artifact(
      family, signature: signature, featureSchema: model.description.featureSchema,
      configuration: configuration, forest: forest, bestIteration: model.description.bestIteration)
    history = []
    firstRound = forest.rounds
    roundsTrained = 0
    self.seed = seed
  }

  /// The hyper-parameters of a training: the family's defaults, the given ones over them, objective and classes by the task.
  /// - Throws: `TernError` of kind `configuration` for an objective that is not one of the task.
  static func configuration(
    _ family: ModelFamily, parameters: [String: String], signature: ModelSignature, seed: UInt64
  ) throws(TernError) -> BoostingConfiguration {
    var given = parameters
    let isNamed = parameters.keys.contains { BoostingParameter.named($0)?.name == "objective" }
    if !isNamed { given["objective"] = defaultObjective(of: signature.task).rawValue }
    // Classes are the signature's, so that a fold or a table without the last of them still has its output.
    let knowsClasses = parameters.keys.contains { BoostingParameter.named($0)?.name == "num_class" }
    if signature.task == .multiclass, !knowsClasses { given["num_class"] = "\(signature.classes.count)" }
    var configuration = try BoostingConfiguration(style: family.style, parameters: given)
    guard configuration.objective.task.rawValue == signature.task.rawValue else {
      throw TernError(
        .configuration, "the objective is not one of the task", key: "objective",
        found: configuration.objective.rawValue,
        expected: BoostingConfiguration.Objective.allCases.filter {
          $0.task.rawValue == signature.task.rawValue
        }.map(\.rawValue).joined(separator: ", "))
    }
    if signature.task == .multiclass { configuration.numClass = signature.classes.count }
    if parameters["seed"] == nil { configuration.seed = seed }
    return configuration
  }

  private static func defaultObjective(of task: Task) -> BoostingConfiguration.Objective {
    switch task {
    case .binary: .logistic
    case .multiclass: .softmax
    case .regression: .squaredError
    case .ranking: .lambdaRank
    }
  }

  private static func artifact(
    _ family: ModelFamily, signature: ModelSignature, featureSchema: Digest?,
    configuration: BoostingConfiguration, forest: Forest, bestIteration: Int
  ) throws(TernError) -> ModelArtifact {
    // The number of threads never changes the result and must not change its digest either.
    var resolved = configuration
    resolved.threads = 0
    let encoded = try CanonicalJSON.encode(resolved)
    return ModelArtifact(
      description: ModelArtifact.Description(
        model: family.rawValue, signature: signature, featureSchema: featureSchema, forest: forest.header,
        parameters: try CanonicalJSON.decode(JSONValue.self, from: encoded), bestIteration: bestIteration),
      forest: forest)
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
          split: series.dataset, name: series.metric.rawValue,
          steps: series.values.indices.map { Int64(firstRound + $0) },
          values: series.values)
      },
      provenance: Provenance(seed: seed, dataDigest: data?.description, ternVersion: TernVersion.text))
  }
}
