import Chronology
import CommandFrame
import Diagnostics
import Files
import Monitoring
import Service
import Sessions

/// Runs a session from its options to its summary.
struct SessionRunner {
  let options: SessionOptions
  let mode: SessionHost.Mode
  let json: Bool
  /// Whether the endpoint stays up after the candles have ended, until a stop is asked for.
  var lingers = false
  var speed: Double?

  func run() throws {
    StopSignal.install()
    var configuration = try options.configuration()
    if let speed { configuration.speed = speed }
    guard let journal = configuration.journal.path else {
      throw TernError(.usage, "needs a journal", key: "--journal", expected: "a path")
    }
    let plan = try options.plan(configuration)
    let host = try SessionHost(
      plan, mode: mode, journal: journal, flushes: configuration.journal.flush ?? (mode == .paper))
    if let torn = host.tornTail { Console.log("tern-serve: \(journal): \(torn); it was cut off") }
    if host.isResumed { Console.log("tern-serve: taken up from \(journal)") }
    let board = StatusBoard(host)
    var endpoint: StatusEndpoint?
    if let settings = configuration.endpoint {
      let opened = try StatusEndpoint(settings, source: board)
      Console.log("tern-serve: status at \(opened.url)")
      endpoint = opened
    }
    host.observe(with: board)
    let summary = try host.run()
    try Console.show(summary, json: json) { SummaryText(summary).text }
    if lingers, endpoint != nil { host.linger() }
    endpoint?.stop()
  }
}

/// A summary as lines for people.
struct SummaryText {
  let text: String

  init(_ summary: SessionSummary) {
    var lines = [
      "\(summary.candles) candles, \(summary.intents) intents \(summary.intentsDigest)"
    ]
    var table = TextTable(
      ["lane", "decisions", "signals", "trades", "wins", "fees", "equity", "return", "drawdown", "state"],
      aligned: [.left, .right, .right, .right, .right, .right, .right, .right, .right, .left])
    for lane in summary.lanes {
      table.append([
        lane.name, "\(lane.decisions)", "\(lane.signals)", "\(lane.trades)",
        lane.winRate.map { NumberText.table.percent($0, places: 1) } ?? "-", "\(lane.fees)", "\(lane.equity)",
        NumberText.table.percent(lane.totalReturn, places: 2),
        NumberText.table.percent(lane.maximumDrawdown, places: 2), lane.state,
      ])
    }
    lines.append(table.text)
    if let total = summary.latency["total"] {
      lines.append(
        "a candle takes \(NumberText.table.fixed(total.p50, places: 1)) µs (p50), "
          + "\(NumberText.table.fixed(total.p99, places: 1)) µs (p99); "
          + "\(NumberText.table.fixed(summary.candlesPerSecond, places: 0)) candles/s, "
          + "\(summary.residentBytes / 1_000_000) MB resident")
    }
    if let journal = summary.journal { lines.append("journal: \(journal)") }
    text = lines.joined(separator: "\n")
  }
}
