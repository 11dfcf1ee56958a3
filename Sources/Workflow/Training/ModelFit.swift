import Artifacts
import Boosting
import Checkpoints
import Compute
import Diagnostics
import Files

/// What every kind of training leaves.
public protocol ModelFit: Sendable {
  /// The model as it is stored and served.
  var model: ModelArtifact { get }
  /// Rounds in a model of boosted trees.
  var rounds: Int? { get }
  /// Epochs that a network was trained for.
  var epochs: Int? { get }
  /// Metrics over the rounds or epochs.
  var course: [MetricSeries] { get }
  /// Seed of the training.
  var seed: UInt64 { get }
  /// Probabilities or numbers, row-major `(row, output)`.
  func predictions(of table: TrainingTable, pool: ThreadPool) throws(TernError) -> [Float]
}

extension ModelFit {
  /// The checkpoint of this model.
  /// - Parameters:
  ///   - data: digest of the training data.
  ///   - schema: the whole feature schema as JSON, if the inputs are market features.
  public func checkpoint(data: Digest?, schema: String? = nil) throws(TernError) -> Checkpoint {
    try Checkpoint(model, seed: seed, data: data, schema: schema, course: course)
  }

  /// What the model gives for a table.
  public func predictions(of table: TrainingTable, pool: ThreadPool) throws(TernError) -> [Float] {
    try model.predict(columns: table.columns, pool: pool)
  }
}

extension BoostingFit: ModelFit {
  /// The trees.
  public var model: ModelArtifact { .forest(artifact) }
  /// Rounds in the model.
  public var rounds: Int? { artifact.forest.rounds }
  /// None.
  public var epochs: Int? { nil }

  /// The table's base margins are added to what the model gives.
  public func predictions(of table: TrainingTable, pool: ThreadPool) throws(TernError) -> [Float] {
    let forest = artifact.forest
    var predictions = try forest.predictMargins(columns: table.columns, pool: pool)
    if let margins = table.baseMargins {
      for place in predictions.indices { predictions[place] += margins[place] }
    }
    forest.header.link.apply(
      to: &predictions, outputs: forest.outputs, scale: forest.header.linkScale, pool: pool)
    return predictions
  }
}

extension NetworkTableFit: ModelFit {
  /// The network.
  public var model: ModelArtifact { .network(artifact) }
  /// None.
  public var rounds: Int? { nil }
  /// Epochs trained, including those after the best one.
  public var epochs: Int? { last.state.position.epoch }
}

extension Checkpoint {
  /// The checkpoint of a model that is ready.
  /// - Parameters:
  ///   - data: digest of what it comes from.
  ///   - schema: the whole feature schema as JSON, if the inputs are market features.
  ///   - course: metrics over its rounds or epochs.
  init(
    _ model: ModelArtifact, seed: UInt64, data: Digest?, schema: String? = nil, course: [MetricSeries] = []
  ) throws(TernError) {
    self.init(
      model: model.card.model, weights: model.tensors(), configuration: try model.configuration(),
      featureSchema: schema, metrics: course,
      provenance: Provenance(seed: seed, dataDigest: data?.description, ternVersion: TernVersion.text))
  }
}
