import Chronology
import Compute
import Datasets
import Feeds
import Decision
import Diagnostics
import Evaluation
import Features
import Files
import Foundation
import Market
import Orders
@testable import Pipelines
import Registry
import Settings
import Testing

@testable import Stacks

@Suite struct PipelineStackTests {
  private func configuration() throws -> PipelineConfiguration {
    try SettingsDocument(
      text: """
        name: served
        seed: 3
        data: {synthetic: {days: 42, strength: 1.0, seed: 5}}
        features: {exclude: [gap_relative]}
        walk_forward: {train: 22d, test: 8d, step: 8d, calibration: 6d, cross_fit_blocks: 2, train_every: 20}
        layers:
          regime: {model: lightgbm, parameters: {num_iterations: 6, num_leaves: 7, max_bin: 31, feature_fraction: 0.3}}
          signal: {model: xgboost, parameters: {num_boost_round: 20, eta: 0.15, max_depth: 4, max_bin: 31}}
        calibration: isotonic
        backtest: {random_runs: 0}
        significance: {replicates: 100}
        registry: {stack: served}
        """, file: "served.yaml"
    ).decode(PipelineConfiguration.self)
  }

  /// What the walk-forward judged is what is served: the same candles through the registered stack, one by one, give the
  /// last fold's regimes, signals, calibrated probabilities and executed signals bit for bit.
  @Test func theServedStackDecidesWhatThePipelineJudged() throws {
    let scratch = Scratch()
    defer { scratch.remove() }
    let configuration = try configuration()
    let data = try SyntheticMarket.generate(configuration.data.synthetic)
    let market = try PreparedMarket(
      CandleSource(data: data, digest: Digest(of: Array("synthetic".utf8)), origin: "synthetic"),
      configuration: configuration, progress: SilentProgress())
    let run = try WalkForwardRun(
      market: market, configuration: configuration, pool: ThreadPool(threads: 2), progress: SilentProgress())
    let verdict = Verdict.judge(run.evidence, gates: configuration.gates)
    let report = try PipelineReport(
      market: market, run: run, configuration: configuration, verdict: verdict, created: 0
    ).report()
    let registry = try ModelRegistry(
      directory: "\(scratch.path)/registry", clock: FixedClock(1_700_000_000_000))
    let registered = try StackAssembly(
      market: market, run: run, configuration: configuration, verdict: verdict,
      output: "\(scratch.path)/out"
    ).register(in: registry, report: report)

    let stack = try LoadedStack(
      reference: "served@1", registry: "\(scratch.path)/registry")
    #expect(stack.digest == registered.version.digest)
    let decider = try stack.makeDecider(terms: MarketTerms(symbol: stack.description.symbol))
    let fold = try #require(run.folds.last)
    let rows = Dictionary(uniqueKeysWithValues: fold.testCandles.enumerated().map { ($1, $0) })
    var funding = 0
    var quote = 0
    var compared = 0
    var executed = 0
    var isEqual = true
    for index in 0..<data.candles.count {
      let close = data.candles.closeTime(index)
      while let series = data.funding, funding < series.time.count, series.time[funding] <= close {
        decider.observeFunding(time: series.time[funding], rate: series.rate[funding])
        funding += 1
      }
      var known: Quote?
      if let series = data.quotes {
        while quote < series.time.count, series.time[quote] <= close { quote += 1 }
        if quote > 0 {
          known = Quote(
            time: series.time[quote - 1], bidPrice: series.bidPrice[quote - 1],
            bidQuantity: series.bidQuantity[quote - 1], askPrice: series.askPrice[quote - 1],
            askQuantity: series.askQuantity[quote - 1])
        }
      }
      let decision = try decider.decide(data.candles[index], quote: known)
      isEqual = isEqual && (decision.reason != .warmingUp) == market.isKnown[index]
      guard let row = rows[index] else { continue }
      compared += 1
      for k in 0..<7 {
        isEqual = isEqual && Double(decision.regimeProbabilities[k]) == fold.regimeProbabilities[row, k]
      }
      for k in 0..<3 {
        isEqual = isEqual && decision.rawProbabilities[k] == fold.rawProbabilities[row, k]
        isEqual = isEqual && decision.probabilities[k] == fold.probabilities[row, k]
      }
      let direction = Direction.allCases[fold.probabilities.predictedClass(row)]
      let confidence = fold.probabilities.confidence(row)
      isEqual = isEqual && decision.direction == direction && decision.confidence == confidence
      let isTraded = direction != .neutral && confidence >= configuration.backtest.minimumConfidence
      isEqual = isEqual && decision.executes == isTraded
      if decision.executes { executed += 1 }
      if !isEqual {
        Issue.record("candle \(index) is decided differently: \(decision)")
        return
      }
    }
    #expect(isEqual && compared == fold.testCandles.count && compared > 5_000)
    print("served \(compared) candles as judged, \(executed) executed")
  }
}
