import ArgumentParser
import Backtest
import Chronology
import CommandFrame
import Diagnostics
import Pipelines
import Service
import SessionBacktests
import Settings

struct BacktestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract: "Run a registered stack, or a file of signals, through the decision loop on recorded candles.",
    discussion: """
      With --stack, the session is the one that `tern-serve replay` runs with the same configuration file and options: \
      the intents are the same, byte for byte. With --signals, decisions are read from a file with the columns \
      open_time (of the candle at whose close it was decided), signal (LONG, SHORT or NEUTRAL) and confidence (0 to 1); \
      candles without a line are NEUTRAL. In both, the limits of risk apply; set risk.* to change them.
      """)

  @Option(help: "The stack that decides, as NAME@ALIAS, NAME@VERSION or NAME@sha256:….")
  var stack: String?

  @Option(help: "Signal file (CSV), instead of a stack.")
  var signals: String?

  @Option(help: "Registry folder.")
  var registry: String?

  @Option(help: "Candle store (.h5) or candle files (.csv, .csv.gz, .zip); repeat for several files.")
  var data: [String] = []

  @Option(help: "Funding-rate file that belongs to candle files; repeat for several.")
  var funding: [String] = []

  @Option(help: "When trading begins (UTC, such as 2023-10-01); candles before it warm the features up.")
  var from: String?

  @Option(help: "End of the candles (UTC), exclusive.")
  var to: String?

  @Option(help: "Settings (YAML): with --stack those of tern-serve, with --signals those of the backtest.")
  var config: String?

  @Option(name: .customLong("set"), help: "A setting as key.path=value; repeat for several.")
  var assignments: [String] = []

  @Option(help: "Random-entry runs that a stack is compared with, 0 for none; default 200.")
  var randomRuns: Int?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let result = try backtest().run()
    try Console.show(result, json: global.json) { text(result) }
  }

  private func backtest() throws(TernError) -> SessionBacktest {
    var document = try SettingsDocument(optional: config)
    for assignment in assignments { try document.set(assignment) }
    let from = try time(from, "--from")
    let to = try time(to, "--to")
    guard let signals else {
      var configuration = try document.decode(ServeConfiguration.self)
      try configuration.overlay(stack: stack, registry: registry, data: data, funding: funding)
      var options = SessionBacktest.Options()
      options.randomRuns = randomRuns ?? options.randomRuns
      options.seed = global.seed ?? options.seed
      return try SessionBacktest(SessionPlan(configuration, from: from, to: to), options: options)
    }
    guard stack == nil, registry == nil else {
      throw TernError(
        .usage, "--signals stands without a stack", key: stack == nil ? "--registry" : "--stack")
    }
    guard !data.isEmpty else { throw TernError(.usage, "names no candles", key: "--data") }
    var configuration = try document.decode(SignalConfiguration.self)
    if let seed = global.seed { configuration.trading.seed = seed }
    if let randomRuns { configuration.trading.randomRuns = randomRuns }
    let source = try CandleSource.load(data, funding: funding)
    return try SessionBacktest(
      source.data, digest: source.digest, signals: try SignalFile.read(signals, candles: source.data.candles),
      configuration: configuration, from: from, to: to)
  }

  private func time(_ text: String?, _ key: String) throws(TernError) -> Int64? {
    guard let text else { return nil }
    guard let time = Timestamp.parse(text) else {
      throw TernError(
        .usage, "is not a time", key: key, found: "\"\(text)\"",
        expected: "such as 2023-10-01 or 2023-10-01T12:00:00Z")
    }
    return time
  }

  private func text(_ result: SessionBacktest.Result) -> String {
    let metrics = result.metrics
    var lines = [
      "candles           \(result.candles), \(Int(result.candlesPerSecond)) a second",
      "intents           \(result.intents) \(result.intentsDigest)",
      "signals           \(result.signals)",
      "trades            \(metrics.trades)\(result.openPositions.isEmpty ? "" : ", \(result.openPositions.count) still open")",
      "total return      \(metrics.totalReturn.percent())",
      "expectancy        \((metrics.expectancyOfNotional ?? .nan).percent(4)) of notional per trade",
      "win rate          \((metrics.winRate ?? .nan).percent(1))",
      "profit factor     \((metrics.profitFactor ?? .nan).fixed(3))",
      "Sharpe            \((metrics.sharpe ?? .nan).fixed(2))",
      "maximum drawdown  \(metrics.drawdown.depth.percent())",
      "fees              \(metrics.fees)",
      "funding           \(metrics.funding)",
    ]
    if let baselines = result.baselines {
      lines.append("buy and hold      \(baselines.buyAndHold.totalReturn.percent())")
      if let random = baselines.randomEntry {
        lines.append("random entry      \(random.mean.percent()), p \(random.pValue.fixed(3))")
      }
    }
    for (reason, count) in result.refused.sorted(by: { $0.key < $1.key }) {
      lines.append("refused           \(count) \(reason)")
    }
    for (reason, count) in result.reduced.sorted(by: { $0.key < $1.key }) {
      lines.append("made smaller      \(count) \(reason)")
    }
    return lines.joined(separator: "\n")
  }
}
