import Artifacts
import Boosting
import Compute
import Diagnostics
import Files

extension BoostingFit {
  /// Trains oblivious trees; the objective follows the task unless the parameters name a loss for it.
  init(
    oblivious family: BoostingFamily, parameters: [String: String], signature: ModelSignature,
    featureSchema: Digest?, train: TrainingTable, valid: TrainingTable?, seed: UInt64, pool: ThreadPool,
    options: BoostingOptions, progress: some ProgressReporting
  ) throws(TernError) {
    let configuration = try BoostingFit.obliviousConfiguration(
      family, parameters: parameters, signature: signature, seed: seed)
    let result = try ObliviousBooster.train(
      configuration: configuration, train: train, valid: valid, pool: pool, options: options,
      progress: progress)
    // The number of threads never changes the result and must not change its digest either.
    var resolved = result.configuration
    resolved.threadCount = 0
    self.init(
      artifact: try BoostingFit.artifact(
        family, signature: signature, featureSchema: featureSchema,
        parameters: try CanonicalJSON.decode(JSONValue.self, from: try CanonicalJSON.encode(resolved)),
        forest: result.forest, bestIteration: result.bestIteration),
      history: result.history, firstRound: result.initialRounds, roundsTrained: result.roundsTrained,
      seed: seed)
  }

  /// The hyper-parameters of a training of oblivious trees: the defaults, the given ones over them, loss and classes by
  /// the task.
  /// - Throws: `TernError` of kind `configuration` for a loss that is not one of the task.
  static func obliviousConfiguration(
    _ family: BoostingFamily, parameters: [String: String], signature: ModelSignature, seed: UInt64
  ) throws(TernError) -> ObliviousConfiguration {
    var parameters = parameters
    let isNamed = ["loss_function", "objective"].contains { parameters[$0] != nil }
    if !isNamed {
      switch signature.task {
      case .binary: parameters["loss_function"] = "Logloss"
      case .multiclass: parameters["loss_function"] = "MultiClass"
      case .regression: parameters["loss_function"] = "RMSE"
      case .ranking: _ = try family.nodewiseStyle(for: "a ranking")
      }
    }
    if !["random_seed", "random_state", "seed"].contains(where: { parameters[$0] != nil }) {
      parameters["random_seed"] = "\(seed)"
    }
    var configuration = try ObliviousConfiguration(parameters: parameters)
    guard configuration.task == signature.task else {
      throw TernError(
        .configuration, "the loss does not fit the task", key: "loss_function",
        found: configuration.lossFunction.rawValue, expected: "a loss for a \(signature.task.rawValue) task")
    }
    if signature.task == .multiclass { configuration.classesCount = signature.classes.count }
    return configuration
  }
}

extension ObliviousConfiguration {
  /// The task that the loss is for.
  fileprivate var task: Task {
    switch lossFunction {
    case .rmse: .regression
    case .logloss, .crossEntropy: .binary
    case .multiClass: .multiclass
    }
  }
}
