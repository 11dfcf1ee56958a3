import Files
import Foundation
import TestSupport
import Testing

/// `tern backtest` and `tern-serve replay` as programs of their own: the same candles, the same intents.
@Suite struct BacktestCommandTests {
  private struct Figures: Decodable {
    struct Lane: Decodable {
      var equity: String
      var trades: Int
      var decisions: Int
    }
    struct Metrics: Decodable {
      var finalEquity: String
      var trades: Int
    }
    var candles: Int
    var intents: Int
    var intentsDigest: String
    var lanes: [Lane]
    var metrics: Metrics?
    var signals: Int?
  }

  private func figures(_ arguments: [String], of program: String = "tern") throws -> Figures {
    let result = try Programs.run(Programs.program(program), arguments)
    guard result.status == 0 else { throw Failure(description: "\(arguments): \(result.error)") }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Figures.self, from: Data(result.output.utf8))
  }

  private struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  @Test func aBacktestDecidesWhatAReplayDecides() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tern-\(UUID().uuidString)")
      .path
    try AtomicFile.createDirectory(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try AtomicFile.write(
      Array(
        """
        name: served
        seed: 3
        data: {synthetic: {days: 42, strength: 1.0, seed: 5}}
        features: {exclude: [gap_relative]}
        walk_forward: {train: 22d, test: 8d, step: 8d, calibration: 6d, cross_fit_blocks: 2, train_every: 20}
        layers:
          regime: {model: lightgbm, parameters: {num_iterations: 6, num_leaves: 7, max_bin: 31, feature_fraction: 0.3}}
          signal: {model: xgboost, parameters: {num_boost_round: 20, eta: 0.15, max_depth: 4, max_bin: 31}}
        calibration: isotonic
        backtest: {random_runs: 0, minimum_confidence: 0.4}
        significance: {replicates: 100}
        registry: {stack: served}
        """.utf8), to: "\(folder)/p.yaml")
    let registry = "\(folder)/registry"
    let made = try Programs.tern(
      ["run", "\(folder)/p.yaml", "--registry", registry, "--output", "\(folder)/out"])
    #expect(made.status == 0 || made.status == 65, "\(made.error)")
    let store = "\(folder)/other.h5"
    #expect(
      try Programs.tern(["data", "synthesize", "--days", "12", "--seed", "8", "--output", store]).status == 0)

    let options = [
      "--stack", "served@1", "--registry", registry, "--data", store, "--from", "2023-01-10",
      "--set", "risk.maximum_daily_trades=5", "--set", "verdict.requires_positive_expected_value=false",
      "--json",
    ]
    let backtest = try figures(["backtest"] + options + ["--random-runs", "5"])
    let replay = try figures(["replay"] + options + ["--journal", "\(folder)/j.bin"], of: "tern-serve")
    #expect(backtest.intents > 0)
    #expect(backtest.intents == replay.intents)
    #expect(backtest.intentsDigest == replay.intentsDigest)
    #expect(backtest.candles == replay.candles)
    #expect(backtest.lanes[0].equity == replay.lanes[0].equity)
    #expect(backtest.metrics?.finalEquity == replay.lanes[0].equity)
    #expect(backtest.metrics?.trades == replay.lanes[0].trades)
    let again = try figures(["backtest"] + options)
    #expect(again.intentsDigest == backtest.intentsDigest)
  }

  @Test func signalsAreTradedUnderTheSameRules() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tern-\(UUID().uuidString)")
      .path
    try AtomicFile.createDirectory(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = "\(folder)/s.h5"
    #expect(try Programs.tern(["data", "synthesize", "--days", "2", "--output", store]).status == 0)
    let built = try Programs.tern(
      [
        "label", "--data", store, "--upper", "0.015", "--lower", "0.005", "--horizon", "60m", "--output",
        "\(folder)/l.h5", "--csv", "\(folder)/l.csv",
      ])
    #expect(built.status == 0, "\(built.error)")
    var lines = ["open_time,signal,confidence"]
    for (row, line) in try String(contentsOfFile: "\(folder)/l.csv", encoding: .utf8).split(separator: "\n")
      .dropFirst().enumerated() where row % 90 == 7
    {
      lines.append(
        "\(line.split(separator: ",")[0]),\(row % 4 < 2 ? "LONG" : "SHORT"),\(row % 3 == 0 ? 0.5 : 0.8)")
    }
    try AtomicFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "\(folder)/signals.csv")
    let arguments = ["backtest", "--signals", "\(folder)/signals.csv", "--data", store]
    let result = try figures(
      arguments + ["--json", "--set", "random_runs=3", "--set", "minimum_confidence=0.7"])
    #expect(result.candles == 2880)
    #expect((result.signals ?? 0) > 0)
    #expect((result.metrics?.trades ?? 0) > 0)
    #expect(result.lanes[0].decisions == 2880)
    #expect(try Programs.tern(arguments).output.contains("maximum drawdown"))
    #expect(try Programs.tern(arguments + ["--set", "risk.maximum_margin=2"]).status == 78)
    #expect(try Programs.tern(arguments + ["--set", "stake=2"]).status == 78)
    #expect(try Programs.tern(arguments + ["--stack", "a@1"]).status == 2)
    #expect(try Programs.tern(["backtest", "--stack", "a@1", "--data", store]).status == 65)
  }
}
