import Artifacts
import Boosting
import Calibration
import Compute
import Decision
import Diagnostics
import Evaluation
import Features
import Labels
import Market
import Training

/// The models of one fold, and what they say about data they have not seen.
struct FoldModels: Sendable {
  /// The fold.
  let fold: WalkForward.Fold
  /// Its rows, as indices into `PreparedMarket.labelled`.
  let rows: FoldRows
  /// L1, trained on the whole training span.
  let regime: any ModelFit
  /// L3, trained on features and cross-fitted L1 outputs.
  let signal: any ModelFit
  /// The map from L3's probabilities to calibrated ones.
  let calibrator: Calibrator
  /// Why the probabilities could not be calibrated; nil when they were. Uncalibrated signals are never executed.
  let calibrationFailure: String?
  /// Number of rows trained on, after thinning.
  let trainedRows: Int
  /// Every known candle of the test span, labelled or not, in order.
  let testCandles: [Int]
  /// L1's probabilities on `testCandles`.
  let regimeProbabilities: ClassProbabilities
  /// L3's probabilities on `testCandles`, uncalibrated.
  let rawProbabilities: ClassProbabilities
  /// L3's probabilities on `testCandles`, calibrated.
  let probabilities: ClassProbabilities
}

/// Trains the layers of one fold.
struct FoldTrainer {
  let market: PreparedMarket
  let configuration: PipelineConfiguration
  let pool: ThreadPool

  /// Streams of the run's generator, one per model.
  private enum Stream {
    static let perFold: UInt64 = 64
    static let regime: UInt64 = 0
    static let signal: UInt64 = 1
    static let crossFit: UInt64 = 2
  }

  static func regimeSignature(_ schema: FeatureSchema) -> ModelSignature {
    ModelSignature(
      inputs: LayerInputs.regime(schema).map { ModelSignature.Input(name: $0) }, target: "regime",
      task: .multiclass,
      classes: Regime.allCases.map(\.name))
  }

  static func signalSignature(_ schema: FeatureSchema) -> ModelSignature {
    ModelSignature(
      inputs: LayerInputs.signal(schema).map { ModelSignature.Input(name: $0) }, target: "label",
      task: .multiclass, classes: Direction.allCases.map(\.name))
  }

  /// Trains L1 and L3, calibrates, and predicts the test span.
  /// - Parameter step: told of each model about to be trained.
  func run(_ fold: WalkForward.Fold, embargo: Int64, step: (String) -> Void) throws(TernError) -> FoldModels {
    let rows = try fold.rows(market.times, embargo: embargo)
    let every = configuration.walkForward.trainEvery
    let trainRows = rows.train.filter { market.labelled[$0] % every == 0 }
    guard !trainRows.isEmpty else {
      throw TernError(
        .configuration, "leaves no row to train on", key: "walk_forward.train_every", found: "\(every)")
    }
    let trainCandles = trainRows.map { market.labelled[$0] }
    let trainColumns = market.columns(of: trainCandles)
    try market.rejectConstantFeatures(trainColumns, window: fold.train)
    let weights = normalised(trainCandles.map { market.barriers.weight[$0] })

    step("regime")
    let regimeLabels = trainCandles.map { Float(market.regimes.regime[$0]) }
    let regime = try regimeLayer(embargo: embargo).fit(
      trainColumns, labels: regimeLabels, weights: weights, rows: trainRows,
      seed: stream(fold, Stream.regime))
    let crossFitted = try crossFit(
      fold, trainRows: trainRows, columns: trainColumns, labels: regimeLabels, weights: weights,
      embargo: embargo,
      step: step)

    step("signal")
    let signal = try layer(
      configuration.layers.signal, FoldTrainer.signalSignature(market.features.schema), embargo: embargo
    ).fit(
      trainColumns + crossFitted, labels: trainCandles.map { Float(market.barriers.label[$0]) },
      weights: weights, rows: trainRows, seed: stream(fold, Stream.signal))

    step("predict")
    let (calibrator, failure) = try calibrate(rows.calibration, regime: regime, signal: signal)
    let testCandles = candles(closingIn: fold.test)
    let predicted = try predict(testCandles, regime: regime, signal: signal)
    return FoldModels(
      fold: fold, rows: rows, regime: regime, signal: signal, calibrator: calibrator,
      calibrationFailure: failure,
      trainedRows: trainRows.count, testCandles: testCandles, regimeProbabilities: predicted.regime,
      rawProbabilities: predicted.signal, probabilities: predicted.signal.calibrated(by: calibrator))
  }

  /// L1's outputs on the training rows, each from a model that had not seen the row. Shape: (regime, row).
  private func crossFit(
    _ fold: WalkForward.Fold, trainRows: [Int], columns: [[Float]], labels: [Float], weights: [Float],
    embargo: Int64, step: (String) -> Void
  ) throws(TernError) -> [[Float]] {
    let trainer = regimeLayer(embargo: embargo)
    let parts = try trainer.parts(of: trainRows, blocks: configuration.walkForward.crossFitBlocks)
    var outputs = [[Float]](
      repeating: [Float](repeating: .nan, count: trainRows.count), count: Regime.allCases.count)
    for part in parts {
      step("regime, block \(part.index + 1) of \(parts.count)")
      let (inside, held) = (part.train, part.heldOut)
      let fit = try trainer.fit(
        columns.gathered(inside), labels: inside.map { labels[$0] }, weights: inside.map { weights[$0] },
        rows: inside.map { trainRows[$0] }, seed: stream(fold, Stream.crossFit + UInt64(part.index)))
      let values = try fit.model.predict(columns: columns.gathered(held), pool: pool)
      for (index, row) in held.enumerated() {
        for regime in outputs.indices { outputs[regime][row] = values[index * outputs.count + regime] }
      }
    }
    return outputs
  }

  private func regimeLayer(embargo: Int64) -> LayerTrainer {
    layer(configuration.layers.regime, FoldTrainer.regimeSignature(market.features.schema), embargo: embargo)
  }

  private func layer(
    _ section: PipelineConfiguration.LayerSection, _ signature: ModelSignature, embargo: Int64
  ) -> LayerTrainer {
    LayerTrainer(
      section: section, signature: signature, featureSchema: market.features.schema.hash,
      times: market.times, horizon: market.horizon, embargo: embargo, pool: pool)
  }

  /// Fits the calibrator on the calibration tail; a tail without every class cannot be fitted and says why.
  private func calibrate(
    _ rows: [Int], regime: any ModelFit, signal: any ModelFit
  ) throws(TernError) -> (Calibrator, String?) {
    let candles = rows.map { market.labelled[$0] }
    guard !candles.isEmpty else { return (.identity, "there is no calibration span") }
    let probabilities = try predict(candles, regime: regime, signal: signal).signal
    do throws(TernError) {
      let calibrator = try Calibrator.fit(
        configuration.calibration, labels: candles.map { Int(market.barriers.label[$0]) },
        probabilities: probabilities, weights: candles.map { market.barriers.weight[$0] })
      return (calibrator, nil)
    } catch {
      return (.identity, error.message)
    }
  }

  private func predict(
    _ candles: [Int], regime: any ModelFit, signal: any ModelFit
  ) throws(TernError) -> (regime: ClassProbabilities, signal: ClassProbabilities) {
    let columns = market.columns(of: candles)
    let regimes = try regime.model.predict(columns: columns, pool: pool)
    let count = Regime.allCases.count
    let extra = (0..<count).map { k in candles.indices.map { regimes[$0 * count + k] } }
    let signals = try signal.model.predict(columns: columns + extra, pool: pool)
    return (
      try ClassProbabilities(regimes.map(Double.init), classes: count),
      try ClassProbabilities(signals.map(Double.init), classes: Direction.allCases.count)
    )
  }

  /// Known candles whose close, the moment of decision, lies in a span.
  private func candles(closingIn span: Range<Int64>) -> [Int] {
    let interval = market.candles.interval.milliseconds
    let first = market.candles.firstIndex(atOrAfter: span.lowerBound - interval)
    let end = market.candles.firstIndex(atOrAfter: span.upperBound - interval)
    return (first..<end).filter { market.isKnown[$0] }
  }

  /// Weights with mean one, so that limits on hessian sums keep their meaning.
  private func normalised(_ weights: [Double]) -> [Float] {
    let mean = weights.reduce(0, +) / Double(weights.count)
    return weights.map { Float($0 / mean) }
  }

  private func stream(_ fold: WalkForward.Fold, _ model: UInt64) -> UInt64 {
    var generator = Philox(seed: configuration.seed, stream: UInt64(fold.index) * Stream.perFold + model)
    // Seeds go through JSON, whose readers are exact to 53 bits only.
    return generator.next() >> 11
  }
}
