import Compute
import Diagnostics
import Trees

/// One set of rows during training and the metrics of every round.
struct Evaluator: Sendable {
  let name: String
  /// The configured metrics and, after them, the caller's own.
  let metrics: [Metric]
  let custom: [any CustomMetric]
  let rows: LabelledRows
  let header: Forest.Header
  let settings: ObjectiveSettings
  var history: [[Double]]

  init(
    name: String, metrics: [Metric], custom: [any CustomMetric], rows: LabelledRows, header: Forest.Header,
    settings: ObjectiveSettings
  ) {
    self.name = name
    self.metrics = metrics + custom.map { Metric(custom: $0.name, isHigherBetter: $0.isHigherBetter) }
    self.custom = custom
    self.rows = rows
    self.header = header
    self.settings = settings
    history = self.metrics.map { _ in [] }
  }

  /// Appends the metrics of margins (rows, outputs) and returns them.
  mutating func record(margins: [Float], pool: ThreadPool) -> [Double] {
    var predictions = margins
    header.link.apply(to: &predictions, outputs: header.outputs, scale: header.linkScale, pool: pool)
    let own = metrics.count - custom.count
    let values = metrics.indices.map { index -> Double in
      if index >= own {
        return custom[index - own].value(predictions: predictions, rows: rows, outputs: header.outputs)
      }
      return metrics[index].evaluate(
        predictions: predictions, rows: rows, outputs: header.outputs, settings: settings, pool: pool)
    }
    for (index, value) in values.enumerated() { history[index].append(value) }
    return values
  }

  /// The history as it is published.
  var series: [BoostingResult.Series] {
    zip(metrics, history).map { BoostingResult.Series(dataset: name, metric: $0, values: $1) }
  }

  /// Takes a published history up again.
  mutating func restore(_ series: [BoostingResult.Series]) {
    history = metrics.map { metric in
      series.first { $0.dataset == name && $0.metric == metric }?.values ?? []
    }
  }
}
