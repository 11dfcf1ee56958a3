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
  /// Oblivious trees with target statistics after CatBoost.
  case catboost

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

  /// The style of node-wise trees behind the family, nil for oblivious ones.
  public var style: BoostingConfiguration.Style? {
    switch self {
    case .xgboost: return .xgboost
    case .lightgbm: return .lightgbm
    case .catboost: return nil
    }
  }

  /// Whether a missing cell of a text column is a category of its own.
  public var countsMissingAsCategory: Bool { self == .catboost }
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
    let trained: Trained
    if let style = family.style {
      trained = try Trained(
        style, parameters, signature, train: train, valid: valid, seed: seed, pool: pool, progress: progress)
    } else {
      trained = try Trained(
        oblivious: parameters, signature, train: train, valid: valid, seed: seed, pool: pool,
        progress: progress)
    }
    artifact = ModelArtifact(
      description: ModelArtifact.Description(
        model: family.rawValue, signature: signature, featureSchema: featureSchema,
        forest: trained.forest.header, parameters: trained.parameters, bestIteration: trained.bestIteration),
      forest: trained.forest)
    history = trained.history
    roundsTrained = trained.roundsTrained
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

/// What training gives, whatever the style.
private struct Trained {
  let forest: Forest
  let parameters: JSONValue
  let bestIteration: Int
  let history: [BoostingResult.Series]
  let roundsTrained: Int

  /// Trains node-wise trees.
  init(
    _ style: BoostingConfiguration.Style, _ parameters: [String: String], _ signature: ModelSignature,
    train: TrainingTable, valid: TrainingTable?, seed: UInt64, pool: ThreadPool,
    progress: some ProgressReporting
  ) throws(TernError) {
    var configuration = try BoostingConfiguration(style: style, parameters: parameters)
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
    self.parameters = try CanonicalJSON.decode(JSONValue.self, from: try CanonicalJSON.encode(resolved))
    forest = result.forest
    bestIteration = result.bestIteration
    history = result.history
    roundsTrained = result.roundsTrained
  }

  /// Trains oblivious trees.
  init(
    oblivious parameters: [String: String], _ signature: ModelSignature, train: TrainingTable,
    valid: TrainingTable?, seed: UInt64, pool: ThreadPool, progress: some ProgressReporting
  ) throws(TernError) {
    var parameters = parameters
    let isNamed = ["loss_function", "objective"].contains { parameters[$0] != nil }
    if !isNamed {
      switch signature.task {
      case .binary: parameters["loss_function"] = "Logloss"
      case .multiclass: parameters["loss_function"] = "MultiClass"
      case .regression: parameters["loss_function"] = "RMSE"
      }
    }
    if !["random_seed", "random_state", "seed"].contains(where: { parameters[$0] != nil }) {
      parameters["random_seed"] = "\(seed)"
    }
    var configuration = try ObliviousConfiguration(parameters: parameters)
    guard configuration.task == signature.task.rawValue else {
      throw TernError(
        .configuration, "the loss does not fit the task", key: "loss_function",
        found: configuration.lossFunction.rawValue, expected: "a loss for a \(signature.task.rawValue) task")
    }
    if signature.task == .multiclass { configuration.classesCount = signature.classes.count }
    let result = try ObliviousBooster.train(
      configuration: configuration, train: train, valid: valid, pool: pool, progress: progress)
    // The number of threads never changes the result and must not change its digest either.
    var resolved = result.configuration
    resolved.threadCount = 0
    self.parameters = try CanonicalJSON.decode(JSONValue.self, from: try CanonicalJSON.encode(resolved))
    forest = result.forest
    bestIteration = result.bestIteration
    history = result.history
    roundsTrained = result.roundsTrained
  }
}

extension ObliviousConfiguration {
  /// The task that the loss is for, as `Task` calls it.
  fileprivate var task: String {
    switch lossFunction {
    case .rmse: Task.regression.rawValue
    case .logloss, .crossEntropy: Task.binary.rawValue
    case .multiClass: Task.multiclass.rawValue
    }
  }
}
