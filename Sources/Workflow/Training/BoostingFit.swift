import Artifacts
import Boosting
import Checkpoints
import Compute
import Diagnostics
import Files
import Trees

/// A boosting model fitted to rows that are already numbers.
public struct BoostingFit: Sendable {
  /// The model as it is stored and served.
  public let artifact: ForestArtifact
  /// Metrics after every round.
  public let history: [BoostingResult.Series]
  /// Number of rounds trained, including those after the best one.
  public let roundsTrained: Int
  /// Rounds of the model that training went on from; the history begins after them.
  private let firstRound: Int
  /// Seed of all sampling.
  public let seed: UInt64

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
    _ family: BoostingFamily, parameters: [String: String], signature: ModelSignature,
    featureSchema: Digest? = nil,
    train: TrainingTable, valid: TrainingTable? = nil, seed: UInt64, pool: ThreadPool,
    options: BoostingOptions = BoostingOptions(), progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) {
    guard family.style != nil else {
      self = try BoostingFit(
        oblivious: family, parameters: parameters, signature: signature, featureSchema: featureSchema,
        train: train, valid: valid, seed: seed, pool: pool, options: options, progress: progress)
      return
    }
    let configuration = try BoostingFit.configuration(
      family, parameters: parameters, signature: signature, seed: seed)
    let result = try Booster.train(
      configuration: configuration, train: train, valid: valid, pool: pool, options: options,
      progress: progress
    )
    self.init(
      artifact: try BoostingFit.artifact(
        family, signature: signature, featureSchema: featureSchema,
        parameters: try BoostingFit.resolved(result.configuration), forest: result.forest,
        bestIteration: result.bestIteration),
      history: result.history, firstRound: result.initialRounds, roundsTrained: result.roundsTrained,
      seed: seed)
  }

  init(
    artifact: ForestArtifact, history: [BoostingResult.Series], firstRound: Int, roundsTrained: Int,
    seed: UInt64
  ) {
    self.artifact = artifact
    self.history = history
    self.firstRound = firstRound
    self.roundsTrained = roundsTrained
    self.seed = seed
  }

  /// Re-fits the leaves of a model to other rows (`Booster.refit`).
  public init(
    refitting model: ForestArtifact, _ family: BoostingFamily, parameters: [String: String],
    table: TrainingTable,
    seed: UInt64, pool: ThreadPool
  ) throws(TernError) {
    let signature = model.description.signature
    let configuration = try BoostingFit.configuration(
      family, parameters: parameters, signature: signature, seed: seed, for: "refitting leaves")
    let forest = try Booster.refit(model.forest, configuration: configuration, table: table, pool: pool)
    self.init(
      artifact: try BoostingFit.artifact(
        family, signature: signature, featureSchema: model.description.featureSchema,
        parameters: try BoostingFit.resolved(configuration), forest: forest,
        bestIteration: model.description.bestIteration),
      history: [], firstRound: forest.rounds, roundsTrained: 0, seed: seed)
  }

  /// The hyper-parameters of a training: the family's defaults, the given ones over them, objective and classes by the task.
  /// - Parameter purpose: what they are for, to say so where a family does not know it.
  /// - Throws: `TernError` of kind `configuration` for an objective that is not one of the task.
  static func configuration(
    _ family: BoostingFamily, parameters: [String: String], signature: ModelSignature, seed: UInt64,
    for purpose: String = "training nodes one by one"
  ) throws(TernError) -> BoostingConfiguration {
    var given = parameters
    let isNamed = parameters.keys.contains { BoostingParameter.named($0)?.name == "objective" }
    if !isNamed { given["objective"] = defaultObjective(of: signature.task).rawValue }
    // Classes are the signature's, so that a fold or a table without the last of them still has its output.
    let knowsClasses = parameters.keys.contains { BoostingParameter.named($0)?.name == "num_class" }
    if signature.task == .multiclass, !knowsClasses { given["num_class"] = "\(signature.classes.count)" }
    var configuration = try BoostingConfiguration(
      style: try family.nodewiseStyle(for: purpose), parameters: given)
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

  /// A configuration as a model keeps it: the number of threads never changes the result and must not change its digest.
  private static func resolved(_ configuration: BoostingConfiguration) throws(TernError) -> JSONValue {
    var configuration = configuration
    configuration.threads = 0
    return try CanonicalJSON.decode(JSONValue.self, from: try CanonicalJSON.encode(configuration))
  }

  static func artifact(
    _ family: BoostingFamily, signature: ModelSignature, featureSchema: Digest?, parameters: JSONValue,
    forest: Forest, bestIteration: Int
  ) throws(TernError) -> ForestArtifact {
    ForestArtifact(
      description: ForestArtifact.Description(
        model: family.rawValue, signature: signature, featureSchema: featureSchema, header: forest.header,
        parameters: parameters, bestIteration: bestIteration),
      forest: forest)
  }

  /// The metrics after every round; rounds of a model that training went on from come before them.
  public var course: [MetricSeries] {
    history.map { series in
      MetricSeries(
        split: series.dataset, name: series.metric.rawValue,
        steps: series.values.indices.map { Int64(firstRound + $0) }, values: series.values)
    }
  }
}
