import Diagnostics

/// What watches the mean metrics of a cross-validation and remembers its best round.
protocol StoppingRule {
  /// The metric that stopped training, else the one that would, by its place.
  var decisive: Int { get }
  /// The best round, from zero, of that metric.
  var bestRound: Int { get }
  /// Its value there.
  var bestScore: Double { get }
  /// Takes the metrics of a round; true if training should stop.
  mutating func shouldStop(round: Int, scores: [Double]) -> Bool
}

extension EarlyStopping: StoppingRule {}

extension CrossValidation {
  /// Trains runs, one for each fold, round by round side by side until their mean metrics say stop.
  ///
  /// - Parameters:
  ///   - rounds: how many at most.
  ///   - metrics: those of the validation rows, as the rule knows them.
  init(
    following given: [any BoostingRun], rounds total: Int, metrics: [Metric],
    stopping rule: some StoppingRule,
    progress: some ProgressReporting
  ) throws(TernError) {
    var runs = given
    var rule = rule
    var series: [Series] = []
    var round = 0
    while round < total {
      var isGrowing = false
      var latest: [[BoostingResult.Series]] = []
      for index in runs.indices {
        // A model that has stopped growing keeps its last metrics.
        if runs[index].round == round, !runs[index].isStopped, try runs[index].boost() { isGrowing = true }
        latest.append(runs[index].latest)
      }
      if !isGrowing, runs.allSatisfy({ $0.round <= round }) { break }
      CrossValidation.append(latest, to: &series)
      let scores = metrics.map { metric in
        series.first { $0.dataset == "valid" && $0.metric == metric }?.mean.last ?? .nan
      }
      round += 1
      progress.update(
        phase: "cross-validation", completed: round, total: total,
        remark: zip(metrics, scores).map { "\($0.rawValue) \(($1 * 1e6).rounded() / 1e6)" }.joined(
          separator: " "))
      if rule.shouldStop(round: round - 1, scores: scores) || !isGrowing { break }
    }
    guard round > 0, metrics.indices.contains(rule.decisive) else {
      throw TernError(.data, "no fold could grow a tree")
    }
    let metric = metrics[rule.decisive]
    let best = rule.bestRound
    let decisive = series.first { $0.dataset == "valid" && $0.metric == metric }
    self.init(
      folds: runs.count, series: series, bestRound: best, bestMetric: metric, bestMean: rule.bestScore,
      bestDeviation: decisive.map { $0.deviation[best] } ?? .nan, rounds: round)
  }

  private static func append(_ latest: [[BoostingResult.Series]], to series: inout [Series]) {
    if series.isEmpty {
      series = latest[0].map { Series(dataset: $0.dataset, metric: $0.metric, mean: [], deviation: []) }
    }
    for index in series.indices {
      let values = latest.map { $0[index].values.last ?? .nan }
      let mean = values.reduce(0, +) / Double(values.count)
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      series[index].mean.append(mean)
      series[index].deviation.append(square.squareRoot())
    }
  }
}
