import Artifacts
import Chronology
import Compute
import DecisionFixtures
import Diagnostics
import Features
import Market
import Orders
import Registry
import RowModels
import Settings
import Stacks
import TestSupport
import Testing

@testable import Pipelines

/// From raw candles to a served stack whose signal layer blends trees and a network.
@Suite struct EnsemblePipelineTests {
  private func configuration(_ blend: String) throws -> PipelineConfiguration {
    try SettingsDocument(
      text: """
        name: blended
        seed: 3
        data: {synthetic: {days: 40, strength: 1.0, seed: 5}}
        features: {exclude: [gap_relative]}
        walk_forward: {train: 23d, test: 8d, step: 8d, calibration: 8d, cross_fit_blocks: 2, train_every: 20}
        layers:
          regime: {model: lightgbm, parameters: {num_iterations: 5, num_leaves: 7, max_bin: 31}}
          signal:
            model: ensemble
            blend: \(blend)
            blend_blocks: 2
            members:
              - {model: catboost, parameters: {iterations: 20, depth: 4, border_count: 31, learning_rate: 0.2}}
              - model: tabnet
                parameters: {n_steps: 2, batch_size: 256, virtual_batch_size: 64, max_epochs: 4}
        calibration: temperature
        backtest: {random_runs: 10}
        significance: {replicates: 100}
        gates: {minimum_folds: 1, minimum_trades: 1}
        registry: {stack: blended}
        """, file: "blended.yaml"
    ).decode(PipelineConfiguration.self)
  }

  private func run(_ configuration: PipelineConfiguration, in folder: String, threads: Int) throws
    -> Pipeline.Outcome
  {
    try Pipeline(
      configuration, output: folder + "/run", registry: folder + "/registry", threads: threads,
      clock: FixedClock(1_700_000_000_000)
    ).run(progress: SilentProgress())
  }

  @Test(arguments: Blend.Method.allCases)
  func aBlendIsFittedRegisteredAndServed(_ method: Blend.Method) throws {
    let scratch = try ScratchDirectory()
    let outcome = try run(try configuration(method.rawValue), in: scratch.path, threads: 2)
    let stack = try LoadedStack(reference: "blended@1", registry: scratch.path + "/registry")
    #expect(stack.digest == outcome.stackDigest && stack.layers[1].artifact.card.model == "ensemble")
    guard case .ensemble(let ensemble) = stack.layers[1].artifact else {
      Issue.record("the signal layer is no ensemble")
      return
    }
    #expect(ensemble.members.map(\.card.model) == ["catboost", "tabnet"])
    switch ensemble.description.header.blend {
    case .weighted(let weights):
      #expect(method == .weighted && abs(weights.reduce(0, +) - 1) < 1e-9)
    case .stacked(let slopes, let biases):
      #expect(method == .stacked && slopes.count == 2 && biases.count == 3)
    }
    // What the decider says of a candle is what the layers say of its row in a batch.
    let decider = try stack.makeDecider(terms: MarketTerms(symbol: stack.description.symbol))
    let market = try SmallMarket.days(decider.candlesUntilKnown / 1440 + 2)
    let pool = ThreadPool(threads: 1)
    var compared = 0
    for index in 0..<market.candles.count {
      let decision = try decider.decide(market.candles[index])
      guard decision.reason != .warmingUp, decision.reason != .unknownInput, index % 97 == 0 else { continue }
      let row = decider.featureRow
      let regimes = try stack.layers[0].artifact.predict(columns: row.map { [$0] }, pool: pool)
      let signals = try stack.layers[1].artifact.predict(
        columns: (row + regimes).map { [$0] }, pool: pool)
      for k in 0..<3 { #expect(abs(Double(signals[k]) - decision.rawProbabilities[k]) < 2e-6) }
      compared += 1
    }
    #expect(compared > 5)
  }

  @Test func oneAndTwoThreadsGiveTheSameStack() throws {
    let digests = try [1, 2].map { threads in
      let scratch = try ScratchDirectory()
      return try run(try configuration("stacked"), in: scratch.path, threads: threads).stackDigest
    }
    #expect(digests[0] == digests[1])
  }

  @Test(arguments: [
    ("members: [{model: catboost}]", "layers.signal.members"),
    ("blend_blocks: 1", "layers.signal.blend_blocks"),
    ("blend: mean", "layers.signal.blend"), ("parameters: {}", "layers.signal.parameters"),
    ("members: [{model: catbost}, {model: tabnet}]", "layers.signal.members.0.model"),
    (
      "members: [{model: catboost}, {model: tabnet, parameters: {n_stepz: 1}}]",
      "layers.signal.members.1.parameters.n_stepz"
    ),
  ])
  func wrongSectionsAreNamed(_ line: String, key: String) throws {
    let members = line.hasPrefix("members") ? "" : "\n    members: [{model: catboost}, {model: tabnet}]"
    let document = try SettingsDocument(
      text: "layers:\n  signal:\n    model: ensemble\n    \(line)\(members)\n", file: "wrong.yaml")
    let error = try #require(throws: TernError.self) { try document.decode(PipelineConfiguration.self) }
    #expect(error.kind == .configuration && error.key == key)
  }
}
