import CommandFrame
import Diagnostics
import Monitoring

/// A status document as lines for people.
struct StatusText {
  let text: String

  init(_ status: StatusDocument) {
    var lines: [String] = []
    let reasons = status.stateReasons.isEmpty ? "" : " (\(status.stateReasons.joined(separator: ", ")))"
    lines.append(
      "\(status.program.name) \(status.program.version) \(status.program.mode), process \(status.program.pid)"
    )
    lines.append("State      \(status.state)\(reasons)")
    let warming = status.warmingUp.isEmpty ? "" : ", warming up: \(status.warmingUp.joined(separator: ", "))"
    lines.append(
      "Ready      \(status.isReady ? "yes\(warming)" : "no: \(status.readinessReason ?? "unknown")")")
    let alias = status.stack.alias.map { "@\($0)" } ?? ""
    lines.append("Stack      \(status.stack.name)\(alias) \(status.stack.digest)")
    lines.append(
      "Feed       \(status.feed.source), \(status.feed.barsDecided) bars decided\(status.feed.isFinished ? ", finished" : "")"
    )
    if let journal = status.journal {
      lines.append("Journal    \(journal.path), \(journal.records) records, head \(journal.head)")
    }
    let account = status.account
    lines.append(
      "Equity     \(account.equity) \(account.currency) (peak \(account.peakEquity), realised today "
        + "\(account.realisedToday), unrealised \(account.unrealised))")
    let risk = status.risk
    lines.append(
      "Day        loss \(StatusText.percent(risk.dayLoss)) of \(StatusText.percent(risk.dayLossLimit)), trades "
        + "\(risk.tradesToday) of \(risk.tradesLimit), losses in a row \(risk.consecutiveLosses) of "
        + "\(risk.consecutiveLossesLimit)")
    lines.append(
      "Drawdown   \(StatusText.percent(risk.drawdown)) of \(StatusText.percent(risk.drawdownLimit))")
    for symbol in status.symbols { lines += StatusText.lines(of: symbol) }
    if !status.stages.isEmpty {
      var table = TextTable(
        ["Stage", "count", "p50 µs", "p99 µs"], aligned: [.left, .right, .right, .right])
      for stage in status.stages {
        table.append([
          stage.name, "\(stage.count)", stage.p50.map { NumberText.table.fixed($0, places: 1) } ?? "-",
          stage.p99.map { NumberText.table.fixed($0, places: 1) } ?? "-",
        ])
      }
      lines += ["", table.text]
    }
    text = lines.joined(separator: "\n")
  }

  private static func lines(of symbol: StatusDocument.Symbol) -> [String] {
    var lines = [""]
    let candle = symbol.candle.map { " at \($0.close), candle \($0.age / 1000) s old" } ?? ", no candle yet"
    lines.append(symbol.symbol + candle)
    for (title, classes) in [("Regime", symbol.regimes), ("Signal", symbol.signals)] where !classes.isEmpty {
      let parts = classes.map { "\($0.name) \(percent($0.probability, places: 1))" }
      lines.append("  \(title)   \(parts.joined(separator: ", "))")
    }
    if let verdict = symbol.verdict {
      let reason = verdict.reason.map { ", not executed: \($0)" } ?? ""
      lines.append(
        "  Verdict  \(verdict.side), confidence \(percent(verdict.confidence, places: 1))\(reason)")
    }
    guard let position = symbol.position else { return lines + ["  Position none"] }
    lines.append(
      "  Position \(position.side) \(position.quantity) at \(position.entryPrice), stop \(position.stopPrice ?? "none"), "
        + "take profit \(position.takeProfitPrice ?? "none"), unrealised \(position.unrealised)")
    return lines
  }

  private static func percent(_ fraction: Double, places: Int = 2) -> String {
    NumberText.table.percent(fraction, places: places)
  }
}
