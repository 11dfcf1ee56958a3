import Chronology
import Diagnostics
import Files
import Foundation
import Registry
import Settings
import Testing

@testable import Pipelines

/// A small market judged in days instead of months, so that the whole journey takes seconds.
private func configuration(_ overrides: [String] = []) throws -> PipelineConfiguration {
  var document = try SettingsDocument(
    text: """
      name: small
      seed: 3
      data: {synthetic: {days: 60, strength: 1.0, seed: 5}}
      features: {exclude: [gap_relative]}
      walk_forward: {train: 25d, test: 8d, step: 8d, calibration: 8d, cross_fit_blocks: 2, train_every: 10}
      layers:
        regime: {model: lightgbm, parameters: {num_iterations: 10, num_leaves: 7, max_bin: 31, feature_fraction: 0.3}}
        signal: {model: xgboost, parameters: {num_boost_round: 30, eta: 0.15, max_depth: 4, max_bin: 31, lambda: 5}}
      calibration: temperature
      backtest: {random_runs: 20}
      significance: {replicates: 200}
      gates: {minimum_folds: 2, minimum_trades: 5, minimum_confident_rows: null, maximum_calibration_gap: null,
              maximum_random_entry_p_value: null, judges_expectancy_by_lower_bound: false, maximum_drawdown: null}
      registry: {stack: small}
      """, file: "small.yaml")
  for override in overrides { try document.set(override) }
  return try document.decode(PipelineConfiguration.self)
}

private struct Scratch {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("tern-\(UUID().uuidString)").path
  func remove() { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct PipelineTests {
  private func run(_ overrides: [String] = [], in scratch: Scratch, threads: Int = 2, name: String = "a")
    throws -> Pipeline.Outcome
  {
    try Pipeline(
      try configuration(overrides), output: "\(scratch.path)/\(name)",
      registry: "\(scratch.path)/registry-\(name)",
      threads: threads, clock: FixedClock(1_700_000_000_000)
    ).run(progress: SilentProgress())
  }

  @Test func theSameSeedGivesTheSameStackOnAnyNumberOfThreads() throws {
    let scratch = Scratch()
    defer { scratch.remove() }
    let one = try run(in: scratch, threads: 1, name: "one")
    let two = try run(in: scratch, threads: 2, name: "two")
    #expect(one.stackDigest == two.stackDigest)
    #expect(one.metrics == two.metrics)
    for role in ["regime", "signal"] {
      for file in ["checkpoint.h5", "model.safetensors"] {
        let bytes = try ["one", "two"].map { try AtomicFile.read("\(scratch.path)/\($0)/\(role)/\(file)") }
        #expect(bytes[0] == bytes[1], "\(role)/\(file) depends on the number of threads")
      }
    }
    let other = try run(["seed=4"], in: scratch, name: "other")
    #expect(other.stackDigest != one.stackDigest)
  }

  @Test func aPlantedSignalIsFoundAndItsAbsenceIsSaid() throws {
    let scratch = Scratch()
    defer { scratch.remove() }
    let planted = try run(in: scratch, name: "planted")
    let found = try #require(planted.metrics["signal"]?["auc_long_vs_short_lower"])
    #expect(found > 0.55, "\(planted.verdict.headline)")
    #expect(planted.promoted == (planted.verdict.outcome == .passed))
    #expect(try ModelRegistry(directory: "\(scratch.path)/registry-planted").verify().healthy)

    let nothing = try run(["data.synthetic.strength=0"], in: scratch, name: "nothing")
    let lower = try #require(nothing.metrics["signal"]?["auc_long_vs_short_lower"])
    let upper = try #require(nothing.metrics["signal"]?["auc_long_vs_short_upper"])
    #expect(lower < 0.5 && upper > 0.5)
    #expect(!nothing.promoted)
    #expect(!nothing.refusal.isEmpty)
    #expect(nothing.verdict.headline.hasPrefix("Found nothing"))
    #expect(throws: TernError.self) {
      try ModelRegistry(directory: "\(scratch.path)/registry-nothing").promote("small@1", to: "champion")
    }
  }

  @Test func aConstantFeatureIsRefusedByName() throws {
    let scratch = Scratch()
    defer { scratch.remove() }
    let error = try #require(throws: TernError.self) { try run(["features.exclude=[]"], in: scratch) }
    #expect(error.kind == .data)
    #expect(error.key == "gap_relative")
  }

  @Test func aMarketTooShortForOneFoldIsRefused() throws {
    let scratch = Scratch()
    defer { scratch.remove() }
    let error = try #require(throws: TernError.self) { try run(["data.synthetic.days=20"], in: scratch) }
    #expect(error.kind == .data)
  }

  @Test(arguments: [
    ("walk_forward.trian=6mo", "walk_forward.trian"), ("layers.signal.modle=x", "layers.signal.modle"),
    ("gates.minimum_trade=1", "gates.minimum_trade"),
    ("labels.triple_barrier.uper=1", "labels.triple_barrier.uper"),
    ("data.synthetic.day=3", "data.synthetic.day"), ("nmae=x", "nmae"),
  ])
  func anUnknownKeyIsRefusedWithItsPath(assignment: String, key: String) throws {
    let error = try #require(throws: TernError.self) { try configuration([assignment]) }
    #expect(error.kind == .configuration)
    #expect(error.key == key)
  }

  @Test(arguments: ["layers.signal.model=xgbost", "layers.signal.parameters.max_dept=3"])
  func anUnknownModelOrParameterIsRefused(assignment: String) throws {
    let scratch = Scratch()
    defer { scratch.remove() }
    let error = try #require(throws: TernError.self) { try run([assignment], in: scratch) }
    #expect(error.kind == .configuration || error.kind == .usage)
  }
}
