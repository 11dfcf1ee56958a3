import Pages

extension ReportPage {
  /// What was run on which data, so that it can be run again.
  var provenanceSection: Markup {
    let run = report.run
    let data = report.data
    var facts: [(String, String)] = [("Program", run.programVersion)]
    facts.append(("Code revision", run.codeRevision ?? "unknown"))
    facts.append(("Configuration digest", run.configurationDigest ?? "none"))
    facts.append(("Stack digest", run.stackDigest ?? "none was kept"))
    facts += run.seeds.map { ("Seed: \($0.name)", $0.value) }
    facts += run.versions.map { ($0.name, $0.value) }
    let market: [(String, String)] = [
      ("Symbol and interval", "\(data.symbol) \(data.interval)"),
      ("First candle opens", PageText.instant(data.start)),
      ("Last candle closes", PageText.instant(data.end)),
      ("Candles", PageText.count(data.candles)), ("Gaps", PageText.count(data.gaps)),
      ("Features", PageText.count(data.features)), ("Data digest", data.digest),
      ("Feature schema", data.featureSchemaHash),
    ]
    return .section(
      "Provenance",
      "Equal data, configuration and seeds give this report again, apart from its date and timings.",
      [
        .element(
          "div", ["class": "pair"], PageTable.facts("Run", facts), PageTable.facts("Data", market)),
        PageTable.facts("Settings", run.settings.map { ($0.name, $0.value) }),
      ])
  }

  /// Seconds by phase.
  var timingsSection: Markup {
    let timings = report.timings ?? []
    let total = timings.map(\.seconds).filter(\.isFinite).reduce(0, +)
    let plot = BarPlot(
      id: "timings", title: "Time by phase",
      description: timings.map { "\($0.phase): \(PageText.duration($0.seconds))." }.joined(separator: " "),
      rows: timings.map { .init(name: $0.phase, value: $0.seconds, label: PageText.duration($0.seconds)) },
      width: 1100, names: 220)
    guard !timings.isEmpty else { return .empty }
    return .section(
      "Timings", "",
      [
        .figure(
          "Wall-clock time by phase", "\(PageText.duration(total)) in all", plot.markup(), otherwise: "")
      ])
  }
}
