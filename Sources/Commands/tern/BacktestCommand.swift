import ArgumentParser
import Backtest
import CommandFrame
import Datasets
import Diagnostics
import Feeds
import Files
import Market
import Pipelines
import Settings

struct BacktestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract: "Follow a file of signals through candles, with costs, funding and the exits of the label.",
    discussion: """
      The signal file has the columns open_time (of the candle at whose close it was decided), signal (LONG, SHORT or \
      NEUTRAL) and confidence (0 to 1). Candles without a line are NEUTRAL.
      """)

  @Option(help: "Candle store (.h5) or candle CSV.")
  var data: String

  @Option(help: "Signal file (CSV).")
  var signals: String

  @Option(help: "YAML file of the backtest's settings.")
  var config: String?

  @Option(name: .customLong("set"), help: "A setting as key=value; repeat for several.")
  var assignments: [String] = []

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let source = try CandleSource.load([data])
    var document = try SettingsDocument(optional: config)
    for assignment in assignments { try document.set(assignment) }
    var configuration = try document.decode(Backtest.Configuration.self)
    if let seed = global.seed { configuration.seed = seed }
    let result = try Backtest.run(
      source.data.candles, signals: try SignalFile.read(signals, candles: source.data.candles),
      funding: source.data.funding, configuration: configuration)
    try Console.show(result, json: global.json) { text(result) }
  }

  private func text(_ result: Backtest.Result) -> String {
    let metrics = result.metrics
    return """
      trades            \(metrics.trades)
      total return      \(metrics.totalReturn.percent())
      expectancy        \((metrics.expectancyOfNotional ?? .nan).percent(4)) of notional per trade
      win rate          \((metrics.winRate ?? .nan).percent(1))
      profit factor     \((metrics.profitFactor ?? .nan).fixed(3))
      Sharpe            \((metrics.sharpe ?? .nan).fixed(2))
      maximum drawdown  \(metrics.drawdown.depth.percent())
      fees              \(metrics.fees)
      funding           \(metrics.funding)
      buy and hold      \(result.baselines.buyAndHold.totalReturn.percent())
      random entry      \((result.baselines.randomEntry?.mean ?? .nan).percent()), p \
      \((result.baselines.randomEntry?.pValue ?? .nan).fixed(3))
      """
  }
}
