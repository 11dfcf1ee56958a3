import Artifacts
import Boosting
import Checkpoints
import Compute
import Diagnostics
import Files

/// What every kind of training leaves.
protocol TrainedModel {
  /// Rounds in a model of boosted trees.
  var rounds: Int? { get }
  /// Epochs that a network was trained for.
  var epochs: Int? { get }
  /// Round or epoch, from zero, with the best validation metric.
  var bestIteration: Int { get }
  /// Probabilities or numbers, row-major `(row, output)`.
  func predictions(of table: TrainingTable, pool: ThreadPool) throws(TernError) -> [Float]
  /// What the run directory keeps.
  func checkpoint(data: Digest?) throws(TernError) -> Checkpoint
}

extension BoostingFit: TrainedModel {
  var rounds: Int? { artifact.forest.rounds }
  var epochs: Int? { nil }
  var bestIteration: Int { artifact.description.bestIteration }

  /// The table's base margins are added to what the model gives.
  func predictions(of table: TrainingTable, pool: ThreadPool) throws(TernError) -> [Float] {
    let forest = artifact.forest
    var predictions = try forest.predictMargins(columns: table.columns, pool: pool)
    if let margins = table.baseMargins {
      for place in predictions.indices { predictions[place] += margins[place] }
    }
    forest.header.link.apply(
      to: &predictions, outputs: forest.outputs, scale: forest.header.linkScale, pool: pool)
    return predictions
  }

  func checkpoint(data: Digest?) throws(TernError) -> Checkpoint { try checkpoint(data: data, schema: nil) }
}

extension NetworkTableFit: TrainedModel {
  var rounds: Int? { nil }
  var epochs: Int? { epochsTrained }
  var bestIteration: Int { artifact.description.bestIteration }

  func predictions(of table: TrainingTable, pool: ThreadPool) throws(TernError) -> [Float] {
    try artifact.model.predict(columns: table.columns, pool: pool)
  }

  func checkpoint(data: Digest?) throws(TernError) -> Checkpoint { try checkpoint(data: data, schema: nil) }
}
