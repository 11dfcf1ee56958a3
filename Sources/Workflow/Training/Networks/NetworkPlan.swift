import Artifacts
import Boosting
import Compute
import Diagnostics
import Fitting
import Layers
import NetworkModels
import Networks
import Preprocessing

/// What a network is trained with: the table as it reads it, the loss, and the score of the validation rows.
struct NetworkPlan {
  /// The model but for its weights.
  let header: NetworkModel.Header
  /// Training rows with scaled targets.
  let table: FitTable
  /// Validation rows.
  let validation: FitRows?
  /// What training makes small.
  let loss: LossConfiguration
  /// Weight of each class; nil counts all alike.
  let classWeights: [Float]?
  /// The metric of the validation rows that decides.
  let evalMetric: String
  /// Whether more of it is better.
  let isHigherBetter: Bool
  private let signature: ModelSignature
  private let validLabels: [Float]
  private let seed: UInt64
  private let initial: NetworkModel?

  /// Prepares the tables of a training.
  /// - Parameter initial: a model to go on from: its preparation and its scaling stay.
  /// - Throws: `TernError` of kind `usage` for what networks do not do, `configuration` for keys that do not fit the task, `data`
  ///   for rows that cannot be prepared.
  init(
    _ configuration: NetworkTrainingConfiguration, signature: ModelSignature, train: TrainingTable,
    valid: TrainingTable?, initial: NetworkModel?, seed: UInt64, pool: ThreadPool
  ) throws(TernError) {
    try NetworkPlan.check(signature, train)
    self.signature = signature
    self.seed = seed
    self.initial = initial
    loss = try NetworkPlan.loss(configuration, signature.task)
    (evalMetric, isHigherBetter) = try NetworkPlan.metric(configuration, loss, signature.task)
    let isOfClasses = loss.name.isOfClasses
    classWeights =
      try isOfClasses
      ? configuration.classWeight.weights(of: train.labels, classes: signature.classes.count) : nil
    if !isOfClasses, configuration.classWeight != .none {
      throw TernError(
        .configuration, "a \(signature.task.rawValue) task has no classes to weigh", key: "class_weight")
    }
    var header = try NetworkPlan.header(
      configuration, signature, train, loss: loss, initial: initial, seed: seed, pool: pool)
    let preparation = header.preparation
    let rows = preparation.rows(of: train.columns, pool: pool)
    let targets = train.labels.map(header.target.scaled)
    if header.architecture.fitsBins {
      header.architecture = header.architecture.fitted(
        bins: try configuration.embeddingBins.edges(
          of: rows, prepared: preparation,
          targets: signature.task == .regression
            ? .numbers(targets) : .classes(train.labels.map { Int32($0) }, count: signature.classes.count),
          pool: pool))
    }
    self.header = header
    table = FitTable(
      rows: NetworkPlan.fitRows(rows, header), targets: targets, weights: train.weights)
    validation = valid.map {
      NetworkPlan.fitRows(preparation.rows(of: $0.columns, pool: pool), header)
    }
    validLabels = valid?.labels ?? []
  }

  /// The network before its first step.
  func network() throws(TernError) -> any TabularNetwork {
    if let initial { return try initial.network() }
    return try header.architecture.network(
      inputs: header.inputs, outputs: header.outputs,
      ParameterScope(RandomSource(seed: seed), into: Parameters()))
  }

  /// The metrics of the validation rows for the network's margins of them.
  func metrics(ofMargins margins: [Float]) throws(TernError) -> [String: Double] {
    try TaskMetrics.measure(signature, predictions: header.predictions(of: margins), labels: validLabels)
  }

  private static func check(_ signature: ModelSignature, _ train: TrainingTable) throws(TernError) {
    guard signature.task != .ranking else {
      throw TernError(
        .usage, "networks do not rank", key: "--task", found: "ranking",
        expected: "binary, multiclass or regression")
    }
    guard train.baseMargins == nil else {
      throw TernError(.usage, "networks do not start from margins", key: "--base-margin")
    }
    try train.validate()
  }

  private static func loss(
    _ configuration: NetworkTrainingConfiguration, _ task: Task
  ) throws(TernError) -> LossConfiguration {
    let loss = configuration.fit.loss ?? LossConfiguration(task == .regression ? .mse : .crossEntropy)
    guard loss.name.isOfClasses == (task != .regression) else {
      let fitting = LossConfiguration.Name.allCases.filter { $0.isOfClasses == (task != .regression) }
      throw TernError(
        .configuration, "the loss is not one of the task", key: "loss.name", found: loss.name.rawValue,
        expected: fitting.map(\.rawValue).joined(separator: ", "))
    }
    return loss
  }

  private static func metric(
    _ configuration: NetworkTrainingConfiguration, _ loss: LossConfiguration, _ task: Task
  ) throws(TernError) -> (String, isHigherBetter: Bool) {
    let known = metricNames(of: task)
    let isAbsolute = loss.name == .mae || loss.name == .quantile
    let name = configuration.evalMetric ?? (task != .regression ? "logloss" : isAbsolute ? "mae" : "rmse")
    guard known.contains(name) else {
      throw TernError(
        .configuration, "is not a metric of a \(task.rawValue) task", key: "eval_metric", found: name,
        expected: "one of \(known.joined(separator: ", "))")
    }
    return (name, ["auc", "accuracy", "r2"].contains(name))
  }

  /// What is measured of the validation rows, but for what they do not define.
  static func metricNames(of task: Task) -> [String] {
    task == .regression ? ["rmse", "mae", "r2"] : ["logloss", "auc", "accuracy", "brier", "ece"]
  }

  private static func header(
    _ configuration: NetworkTrainingConfiguration, _ signature: ModelSignature, _ train: TrainingTable,
    loss: LossConfiguration, initial: NetworkModel?, seed: UInt64, pool: ThreadPool
  ) throws(TernError) -> NetworkModel.Header {
    let isGaussian = loss.name == .gaussian
    let link: NetworkModel.Link =
      switch signature.task {
      case .binary: .logistic
      case .multiclass: .softmax
      case .regression, .ranking: isGaussian ? .gaussian : .identity
      }
    if let initial {
      let architecture = initial.header.architecture
      guard architecture == configuration.architecture.fitted(bins: architecture.bins),
        initial.header.link == link
      else {
        throw TernError(
          .configuration, "the model to go on from is another network", key: "--init-model",
          found: "\(architecture.name) with a \(initial.header.link.rawValue) link",
          expected: "the network of the configuration with a \(link.rawValue) link")
      }
      return initial.header
    }
    var preprocessing = configuration.preprocessing
    // One seed decides everything, unless the preparation has its own.
    if preprocessing.seed == 0 { preprocessing.seed = seed }
    let preparation = try TablePreparation(
      fitting: train.columns, names: train.featureNames,
      vocabularySizes: train.kinds.map { kind in
        if case .categorical(let vocabulary) = kind { vocabulary.count } else { nil }
      }, configuration: preprocessing, pool: pool)
    let scales = signature.task == .regression && configuration.targetScaling == .standard
    return NetworkModel.Header(
      architecture: configuration.architecture, featureNames: train.featureNames, preparation: preparation,
      target: scales ? try TargetScaling(fitting: train.labels) : .identity,
      outputs: isGaussian ? 2 : signature.outputs, link: link)
  }

  private static func fitRows(_ rows: TablePreparation.Rows, _ header: NetworkModel.Header) -> FitRows {
    FitRows(inputs: header.inputs, numeric: rows.numbers, categories: rows.categories, count: rows.count)
  }
}
