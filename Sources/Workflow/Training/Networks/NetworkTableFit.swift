import Artifacts
import Boosting
import Checkpoints
import Compute
import Diagnostics
import Files
import Fitting
import NetworkModels

/// A network fitted to rows that are already numbers.
public struct NetworkTableFit: Sendable {
  /// The model as it is stored and served.
  public let artifact: NetworkArtifact
  /// The course of loss, learning rate and validation score over the epochs.
  public let course: [MetricSeries]
  /// Where training was when it ended: going on from here with more epochs is as if it had never ended.
  public let last: NetworkSnapshot
  /// Seed of weights, batches and dropout.
  public let seed: UInt64

  /// Trains a network.
  /// - Parameters:
  ///   - signature: inputs and outputs; its task decides the loss unless the configuration names one of the task.
  ///   - featureSchema: hash of the feature schema the inputs begin with, if they are market features.
  ///   - valid: rows that are scored after every epoch; the model is that of the best one. Without them training goes on to
  ///     `max_epochs`, and the model is the last one.
  /// - Throws: `TernError` of kind `configuration` for a key that does not fit the task, `data` for rows that cannot be learned
  ///   from and a training that diverges, `interrupted` when `options.shouldStop` says so.
  public init(
    _ configuration: NetworkTrainingConfiguration, signature: ModelSignature, featureSchema: Digest? = nil,
    train: TrainingTable, valid: TrainingTable? = nil, seed: UInt64, pool: ThreadPool,
    options: NetworkTrainingOptions = NetworkTrainingOptions(),
    progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) {
    let plan = try NetworkPlan(
      configuration, signature: signature, train: train, valid: valid, initial: options.initial, seed: seed,
      pool: pool)
    let result = try NetworkTrainer(
      configuration, plan, seed: seed, pool: pool, options: options, progress: progress
    ).train()
    let position = result.last.state.position
    artifact = try NetworkArtifact(
      description: NetworkArtifact.Description(
        model: configuration.architecture.name, signature: signature, featureSchema: featureSchema,
        header: plan.header, parameters: try configuration.json(),
        bestIteration: position.best?.round ?? max(position.epoch - 1, 0)),
      model: try NetworkModel(header: plan.header, weights: result.weights))
    course = NetworkTableFit.history(position, metric: plan.evalMetric)
    last = result.last
    self.seed = seed
  }

  private static func history(_ position: FitState.Position, metric: String) -> [MetricSeries] {
    func series(_ split: String, _ name: String, _ values: [Double]) -> MetricSeries {
      MetricSeries(split: split, name: name, steps: values.indices.map(Int64.init), values: values)
    }
    let always = [
      series("train", "learning_rate", position.learningRates), series("train", "loss", position.losses),
    ]
    return position.scores.isEmpty ? always : always + [series("valid", metric, position.scores)]
  }
}
