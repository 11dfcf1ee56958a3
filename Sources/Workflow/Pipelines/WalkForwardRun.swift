import Backtest
import Compute
import Diagnostics
import Evaluation
import Labels
import Market

/// All folds trained and judged: every number here comes from candles that no model of the fold had seen.
struct WalkForwardRun: Sendable {
  /// The models and predictions of each fold.
  let folds: [FoldModels]
  /// The signal layer on all labelled test rows, calibrated.
  let signal: ClassificationMetrics
  /// The signal layer on the same rows, uncalibrated.
  let uncalibrated: ClassificationMetrics
  /// The regime layer on the same rows.
  let regime: ClassificationMetrics
  /// The signal layer per fold.
  let foldMetrics: [ClassificationMetrics?]
  /// Signals executed per fold: LONG or SHORT at or above the threshold.
  let foldSignals: [Int]
  /// First test candle to last, as a range of candles.
  let span: Range<Int>
  /// The backtest over that span.
  let backtest: Backtest.Result
  /// How sure the headline numbers are.
  let direction: DirectionEvidence
  /// Mean net return per trade with its interval.
  let expectancy: BlockBootstrap.Result?
  /// Net return of each trade as a fraction of its entry notional.
  let tradeReturns: [Double]

  /// Whether the model tells LONG from SHORT, judged on rows labelled one or the other.
  ///
  /// The score is P(long) / (P(long) + P(short)), before calibration. Volatility alone makes both more likely, so a one-vs-rest AUC is above 0.5
  /// on a market without any direction to predict; this one is not.
  struct DirectionEvidence: Sendable {
    /// Interval that takes rows as independent.
    var delong: ConfidenceInterval?
    /// Interval that resamples whole days, because labels overlap.
    var bootstrap: BlockBootstrap.Result?
  }

  init(
    market: PreparedMarket, configuration: PipelineConfiguration, pool: ThreadPool,
    progress: some ProgressReporting
  ) throws(TernError) {
    let splits = try WalkForwardRun.splits(market, configuration)
    let trainer = FoldTrainer(market: market, configuration: configuration, pool: pool)
    let stepsPerFold = configuration.walkForward.crossFitBlocks + 3
    var folds: [FoldModels] = []
    for fold in splits.folds {
      var done = fold.index * stepsPerFold
      folds.append(
        try trainer.run(fold, embargo: splits.embargo) { step in
          progress.update(
            phase: "walk-forward", completed: done, total: splits.folds.count * stepsPerFold,
            remark: "fold \(fold.index + 1) of \(splits.folds.count): \(step)")
          done += 1
        })
    }
    progress.update(phase: "walk-forward", completed: 1, total: 1, remark: "")
    self.folds = folds

    let threshold = configuration.backtest.minimumConfidence
    var pooled = PooledRows()
    var foldMetrics: [ClassificationMetrics?] = []
    for fold in folds {
      let rows = PooledRows(fold, market: market)
      foldMetrics.append(
        rows.labels.isEmpty ? nil : try rows.signalMetrics(rows.probabilities, threshold: threshold))
      pooled.append(rows)
    }
    self.foldMetrics = foldMetrics
    signal = try pooled.signalMetrics(pooled.probabilities, threshold: threshold)
    uncalibrated = try pooled.signalMetrics(pooled.raw, threshold: threshold)
    regime = try ClassificationMetrics(
      labels: pooled.regimeLabels,
      probabilities: try ClassProbabilities(pooled.regimes, classes: Regime.allCases.count),
      weights: pooled.weights, classNames: Regime.allCases.map(\.name), threshold: threshold)

    let bootstrap = try BlockBootstrap(
      replicates: configuration.significance.replicates, blockDays: configuration.significance.blockDays,
      level: configuration.significance.level, seed: configuration.seed)
    direction = try pooled.directionEvidence(bootstrap)

    span = (folds.first?.testCandles.first ?? 0)..<((folds.last?.testCandles.last ?? -1) + 1)
    var settings = configuration.backtest
    settings.seed = configuration.seed
    let (signals, counts) = WalkForwardRun.signals(folds, span: span, threshold: threshold)
    foldSignals = counts
    let result = try Backtest.run(
      market.candles.slice(span), signals: signals, funding: market.source.data.funding,
      configuration: settings)
    backtest = result
    tradeReturns = try result.trades.map { trade throws(TernError) in
      trade.profit.doubleValue / (try Money(price: trade.entryPrice, quantity: trade.quantity)).doubleValue
    }
    expectancy = try bootstrap.mean(of: tradeReturns, times: result.trades.map(\.entryTime))
  }

  /// Lays the folds over the labelled span; labels reach as far as the longer of both layers'.
  private static func splits(
    _ market: PreparedMarket, _ configuration: PipelineConfiguration
  ) throws(TernError) -> (folds: [WalkForward.Fold], embargo: Int64) {
    let section = configuration.walkForward
    var settings = WalkForward.Configuration()
    settings.train = section.train
    settings.test = section.test
    settings.step = section.step
    settings.embargo = section.embargo
    settings.calibration = section.calibration
    settings.horizon = .milliseconds(market.horizon)
    let splitter = try WalkForward(settings)
    let start = market.candles.openTime.first ?? 0
    let end = market.candles.closeTime(market.candles.count - 1)
    return (try splitter.folds(over: start..<end), splitter.embargo)
  }

  /// What the folds decide at each candle of the span; NEUTRAL where nothing is known or calibrated.
  private static func signals(
    _ folds: [FoldModels], span: Range<Int>, threshold: Double
  ) -> (Backtest.Signals, counts: [Int]) {
    var direction = [Direction](repeating: .neutral, count: span.count)
    var confidence = [Double](repeating: 0, count: span.count)
    var counts: [Int] = []
    for fold in folds {
      var count = 0
      for (row, candle) in fold.testCandles.enumerated() {
        let predicted = Direction.allCases[fold.probabilities.predictedClass(row)]
        let value = fold.probabilities.confidence(row)
        confidence[candle - span.lowerBound] = value
        guard fold.calibrationFailure == nil else { continue }
        direction[candle - span.lowerBound] = predicted
        if predicted != .neutral, value >= threshold { count += 1 }
      }
      counts.append(count)
    }
    return (Backtest.Signals(direction: direction, confidence: confidence), counts)
  }
}

/// Labelled test rows with what the models said of them.
private struct PooledRows {
  var labels: [Int] = []
  var weights: [Double] = []
  var decisionTimes: [Int64] = []
  var regimeLabels: [Int] = []
  var regimes: [Double] = []
  var raw: [Double] = []
  var probabilities: [Double] = []

  init() {}

  init(_ fold: FoldModels, market: PreparedMarket) {
    let classes = Direction.allCases.count
    let regimeClasses = Regime.allCases.count
    for (row, candle) in fold.testCandles.enumerated() {
      guard market.barriers.label[candle] >= 0, market.regimes.regime[candle] >= 0 else { continue }
      labels.append(Int(market.barriers.label[candle]))
      weights.append(market.barriers.weight[candle])
      decisionTimes.append(market.candles.closeTime(candle))
      regimeLabels.append(Int(market.regimes.regime[candle]))
      for k in 0..<regimeClasses { regimes.append(fold.regimeProbabilities[row, k]) }
      for k in 0..<classes {
        raw.append(fold.rawProbabilities[row, k])
        probabilities.append(fold.probabilities[row, k])
      }
    }
  }

  mutating func append(_ other: PooledRows) {
    labels += other.labels
    weights += other.weights
    decisionTimes += other.decisionTimes
    regimeLabels += other.regimeLabels
    regimes += other.regimes
    raw += other.raw
    probabilities += other.probabilities
  }

  /// Metrics of the signal layer; only LONG and SHORT count as confident, because a confident NEUTRAL trades nothing.
  func signalMetrics(_ values: [Double], threshold: Double) throws(TernError) -> ClassificationMetrics {
    try ClassificationMetrics(
      labels: labels, probabilities: try ClassProbabilities(values, classes: Direction.allCases.count),
      weights: weights, classNames: Direction.allCases.map(\.name), threshold: threshold,
      actionableClasses: [Int(Direction.long.rawValue), Int(Direction.short.rawValue)])
  }

  func directionEvidence(_ bootstrap: BlockBootstrap) throws(TernError) -> WalkForwardRun.DirectionEvidence {
    let classes = Direction.allCases.count
    let rows = labels.indices.filter { labels[$0] != Int(Direction.neutral.rawValue) }
    let isLong = rows.map { labels[$0] == Int(Direction.long.rawValue) }
    // Uncalibrated: isotonic steps would tie rows that the model itself tells apart.
    let scores = rows.map { row -> Double in
      let long = raw[row * classes + Int(Direction.long.rawValue)]
      let short = raw[row * classes + Int(Direction.short.rawValue)]
      return long / max(long + short, .leastNormalMagnitude)
    }
    guard isLong.contains(true), isLong.contains(false) else { return WalkForwardRun.DirectionEvidence() }
    return WalkForwardRun.DirectionEvidence(
      delong: try Metrics.delong(isPositive: isLong, scores: scores, level: bootstrap.level),
      bootstrap: try bootstrap.auc(
        isPositive: isLong, scores: scores, times: rows.map { decisionTimes[$0] },
        weights: rows.map { weights[$0] }))
  }
}
