import Artifacts
import Backtest
import Chronology
import Diagnostics
import Evaluation
import Files
import Labels
import Market
import Reporting
import Training
import Trees

/// Gathers what a run found into the report.
struct PipelineReport {
  let market: PreparedMarket
  let run: WalkForwardRun
  let configuration: PipelineConfiguration
  let verdict: Verdict
  let created: Int64

  func report() throws(TernError) -> EvaluationReport {
    let curves = try curves()
    return EvaluationReport(
      run: try information(), data: data, labels: census, folds: folds,
      signal: LayerReport(
        layer: "signal", model: configuration.layers.signal.model, metrics: run.signal,
        calibration: CalibrationReport(
          method: configuration.calibration,
          fittedRows: run.folds.reduce(0) { $0 + $1.rows.calibration.count },
          before: run.uncalibrated, after: run.signal),
        importances: importances(\.signal), importanceKind: "share of the gain, mean over folds"),
      otherLayers: [
        LayerReport(
          layer: "regime", model: configuration.layers.regime.model, metrics: run.regime,
          importances: importances(\.regime), importanceKind: "share of the gain, mean over folds")
      ],
      strategy: summary("strategy", run.backtest.metrics), baselines: baselines, equity: curves.equity,
      drawdown: curves.drawdown, significance: try significance(), gates: configuration.gates,
      verdict: verdict,
      warnings: warnings)
  }

  private func information() throws(TernError) -> RunInformation {
    let section = configuration.walkForward
    return RunInformation(
      title: "\(configuration.name) on \(market.candles.symbol) \(market.candles.interval)", created: created,
      programVersion: "tern \(TernVersion.text)",
      configurationDigest: Digest(of: try CanonicalJSON.encode(configuration)).description,
      seeds: [NamedValue("run", "\(configuration.seed)")],
      settings: [
        NamedValue("market", market.source.origin),
        NamedValue(
          "labels",
          "\(configuration.labels.tripleBarrier.mode.rawValue), +\(configuration.labels.tripleBarrier.upper) / "
            + "−\(configuration.labels.tripleBarrier.lower) within \(configuration.labels.tripleBarrier.horizon)"
        ),
        NamedValue(
          "walk-forward",
          "train \(section.train), test \(section.test), step \(section.step), embargo \(section.embargo), "
            + "calibration \(section.calibration), every \(section.trainEvery). candle trained on"),
        NamedValue("decision", "confidence at least \(configuration.backtest.minimumConfidence)"),
        NamedValue(
          "costs",
          "taker \(configuration.backtest.takerFee), maker \(configuration.backtest.makerFee), "
            + "slippage \(configuration.backtest.slippage)"),
      ])
  }

  private var data: DataInformation {
    let candles = market.candles
    return DataInformation(
      symbol: candles.symbol, interval: candles.interval.description, start: candles.openTime.first ?? 0,
      end: candles.closeTime(candles.count - 1), candles: candles.count,
      gaps: candles.contiguousSegments().count - 1, digest: market.source.digest.description,
      featureSchemaHash: market.features.schema.hash.description, features: market.features.columns)
  }

  private var census: LabelCensus {
    let census = market.barriers.census
    let barrier = configuration.labels.tripleBarrier
    return LabelCensus(
      rule:
        "\(barrier.mode.rawValue) triple barrier +\(barrier.upper) / −\(barrier.lower) within \(barrier.horizon)",
      classes: census.classes.map {
        LabelCensus.Entry(name: $0.label.name, count: $0.count, meanNetReturn: $0.meanNet)
      },
      ambiguous: census.ambiguous, unlabelled: census.rows - census.labelled)
  }

  private var folds: [FoldReport] {
    let trades = run.foldTrades
    return run.folds.indices.map { index in
      let models = run.folds[index]
      let equity = equity(within: models.fold.test)
      return FoldReport(
        fold: models.fold, trainRows: models.trainedRows, calibrationRows: models.rows.calibration.count,
        purgedRows: models.rows.purged, testRows: models.rows.test.count, metrics: run.foldMetrics[index],
        signals: run.foldSignals[index], trades: trades[index].count,
        expectancy: trades[index].isEmpty ? nil : trades[index].reduce(0, +) / Double(trades[index].count),
        totalReturn: equity.totalReturn, maximumDrawdown: equity.drawdown)
    }
  }

  /// Return and deepest drawdown of the daily equity within a span.
  private func equity(within span: Range<Int64>) -> (totalReturn: Double?, drawdown: Double?) {
    let points = run.backtest.daily
    guard let end = points.lastIndex(where: { $0.time <= span.upperBound }) else { return (nil, nil) }
    let before = points.lastIndex { $0.time <= span.lowerBound }
    let start = before.map { points[$0].equity } ?? configuration.backtest.initialEquity
    guard end > before ?? -1, start > .zero else { return (nil, nil) }
    var peak = start
    var deepest = 0.0
    for point in points[((before ?? -1) + 1)...end] {
      peak = max(peak, point.equity)
      deepest = max(deepest, 1 - point.equity.doubleValue / peak.doubleValue)
    }
    return (points[end].equity.doubleValue / start.doubleValue - 1, deepest)
  }

  /// Share of the gain by feature, mean over folds; of an ensemble's trees by their members. Networks have no gain.
  private func importances(_ layer: KeyPath<FoldModels, any ModelFit>) -> [FeatureImportance] {
    var names: [String] = []
    var shares: [Double] = []
    for fold in run.folds {
      let forests = fold[keyPath: layer].model.forests
      for forest in forests {
        let gains = forest.importances()
        let total = gains.reduce(0) { $0 + $1.gain }
        if names.isEmpty {
          names = gains.map(\.feature)
          shares = [Double](repeating: 0, count: gains.count)
        }
        guard total > 0 else { continue }
        for index in gains.indices {
          shares[index] += gains[index].gain / total / Double(run.folds.count * forests.count)
        }
      }
    }
    return zip(names, shares).map { FeatureImportance(name: $0, value: $1) }
  }

  private func summary(_ name: String, _ metrics: Backtest.Metrics) -> StrategySummary {
    StrategySummary(
      name: name, totalReturn: metrics.totalReturn, annualisedReturn: metrics.annualizedReturn,
      sharpe: metrics.sharpe, sortino: metrics.sortino, calmar: metrics.calmar,
      maximumDrawdown: metrics.drawdown.depth, maximumDrawdownDays: metrics.drawdown.lengthDays,
      winRate: metrics.winRate, profitFactor: metrics.profitFactor, expectancy: metrics.expectancyOfNotional,
      exposure: metrics.exposure, turnover: metrics.turnover * 365 / max(metrics.days, 1),
      trades: metrics.trades)
  }

  private var baselines: [StrategySummary] {
    var summaries = [
      summary("buy and hold", run.backtest.baselines.buyAndHold),
      StrategySummary(
        name: "always neutral", totalReturn: run.backtest.baselines.alwaysNeutral, maximumDrawdown: 0,
        exposure: 0,
        turnover: 0, trades: 0),
    ]
    if let random = run.backtest.baselines.randomEntry {
      summaries.append(
        StrategySummary(
          name: "random entry (mean of \(random.runs))", totalReturn: random.mean,
          trades: Int(random.meanTrades.rounded())))
    }
    return summaries
  }

  private func curves() throws(TernError) -> (equity: [Curve], drawdown: Curve?) {
    guard !run.backtest.daily.isEmpty else { return ([], nil) }
    let candles = market.candles
    let first = candles.open[run.span.lowerBound]
    let initial = configuration.backtest.initialEquity.doubleValue
    // Every curve begins where trading does, at the initial equity.
    let times = [candles.openTime[run.span.lowerBound]] + run.backtest.daily.map(\.time)
    let equity = [initial] + run.backtest.daily.map(\.equity.doubleValue)
    var held = [initial]
    var candle = run.span.lowerBound
    for time in times.dropFirst() {
      while candle + 1 < run.span.upperBound, candles.closeTime(candle + 1) <= time { candle += 1 }
      held.append(initial * candles.close[candle] / first)
    }
    return (
      [
        try Curve(name: "strategy", time: times, value: equity),
        try Curve(name: "buy and hold, before costs", time: times, value: held),
      ],
      try Curve.drawdown(time: times, equity: equity)
    )
  }

  private func significance() throws(TernError) -> SignificanceReport {
    var previous = configuration.backtest.initialEquity.doubleValue
    var daily: [Double] = []
    for point in run.backtest.daily {
      daily.append(point.equity.doubleValue / previous - 1)
      previous = point.equity.doubleValue
    }
    return SignificanceReport(
      aucClass: "LONG against SHORT", aucDeLong: run.direction.delong, aucBootstrap: run.direction.bootstrap,
      expectancy: run.expectancy, sharpe: try SharpeSignificance.judge(returns: daily),
      randomEntry: run.backtest.baselines.randomEntry.flatMap {
        RandomEntryReport(outcomes: $0.totalReturns, strategy: run.backtest.metrics.totalReturn)
      })
  }

  private var warnings: [String] {
    var warnings: [String] = []
    if let warning = market.barriers.census.warning { warnings.append(warning) }
    for fold in run.folds {
      guard let failure = fold.calibrationFailure else { continue }
      warnings.append(
        "Fold \(fold.fold.index) could not be calibrated (\(failure)); none of its signals was executed.")
    }
    if market.source.data.funding == nil {
      warnings.append("The market has no funding rates; positions paid none.")
    }
    return warnings
  }
}

extension ModelArtifact {
  /// The trees in a model.
  fileprivate var forests: [Forest] {
    switch self {
    case .forest(let artifact): [artifact.forest]
    case .network: []
    case .ensemble(let artifact): artifact.members.flatMap(\.forests)
    }
  }
}
