import Compute
import Diagnostics
import Trees

/// Margins of one set of rows during training and the metrics of every round.
struct Evaluator {
  let name: String
  let metrics: [Metric]
  let labels: [Float]
  let weights: [Float]?
  let outputs: Int
  let link: Forest.Link
  private(set) var history: [[Double]]

  init(
    name: String, metrics: [Metric], labels: [Float], weights: [Float]?, outputs: Int, link: Forest.Link
  ) {
    self.name = name
    self.metrics = metrics
    self.labels = labels
    self.weights = weights
    self.outputs = outputs
    self.link = link
    history = metrics.map { _ in [] }
  }

  /// Appends the metrics of margins (rows, outputs) and returns the last one.
  mutating func record(margins: [Float], pool: ThreadPool) -> Double {
    var predictions = margins
    link.apply(to: &predictions, outputs: outputs, pool: pool)
    for (index, metric) in metrics.enumerated() {
      history[index].append(
        metric.evaluate(
          predictions: predictions, labels: labels, weights: weights, outputs: outputs, pool: pool))
    }
    return history.last?.last ?? .nan
  }

  /// The history as it is published.
  var series: [BoostingResult.Series] {
    zip(metrics, history).map { BoostingResult.Series(dataset: name, metric: $0, values: $1) }
  }
}

/// Remembers the best value of a metric and says when too many rounds passed without a better one.
struct EarlyStopping {
  private let patience: Int
  private let isHigherBetter: Bool
  private(set) var bestRound = 0
  private(set) var bestScore = Double.nan

  init(patience: Int, isHigherBetter: Bool) {
    self.patience = patience
    self.isHigherBetter = isHigherBetter
  }

  /// Takes the score of a round; true if training should stop.
  mutating func shouldStop(round: Int, score: Double) -> Bool {
    if bestScore.isNaN || (isHigherBetter ? score > bestScore : score < bestScore) {
      bestScore = score
      bestRound = round
    }
    return patience > 0 && round - bestRound >= patience
  }
}
