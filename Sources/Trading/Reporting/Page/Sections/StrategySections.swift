import Pages

extension ReportPage {
  /// Equity and drawdown over time.
  var equitySection: Markup {
    let equity = LinePlot(
      id: "equity", title: "Equity over time",
      description: report.equity.map(ReportPage.course).joined(separator: " "),
      curves: report.equity, format: { PageText.fixed($0, $1) },
      ending: { PageText.change(ReportPage.change($0), 1) })
    let drawdown = LinePlot(
      id: "drawdown", title: "Drawdown over time",
      description: "Loss from the highest equity so far; the deepest is "
        + "\(PageText.percent(report.drawdown?.value.filter(\.isFinite).min())).",
      curves: report.drawdown.map { [$0] } ?? [], format: { PageText.percent($0, max(0, $1 - 2)) },
      ending: { PageText.percent($0.value.last, 1) }, height: 170, isFilled: true)
    return .section(
      "Equity", "Over the test spans of all folds, one after another.",
      [
        .figure(
          "Equity",
          report.equity.count > 1
            ? "Strategy and baselines, with the change over the span at the right." : "",
          equity.markup(), otherwise: "No equity curve was recorded."),
        .figure(
          "Drawdown", "Loss of the strategy from its highest equity so far.", drawdown.markup(),
          otherwise: "No drawdown was recorded."),
      ])
  }

  /// The strategy beside its baselines.
  var strategiesSection: Markup {
    let summaries = [report.strategy] + report.baselines
    func line(_ name: String, _ text: (StrategySummary) -> String) -> [String] {
      [name] + summaries.map(text)
    }
    let table = PageTable(
      caption: "Strategy and baselines",
      note: "Annualised over 365 days. Drawdown days count from a peak to its recovery, or to the end.",
      columns: ["Figure"] + summaries.map(\.name),
      rows: [
        line("Total return") { PageText.change($0.totalReturn) },
        line("Return per year") { PageText.change($0.annualisedReturn) },
        line("Sharpe ratio") { PageText.fixed($0.sharpe, 2) },
        line("Sortino ratio") { PageText.fixed($0.sortino, 2) },
        line("Calmar ratio") { PageText.fixed($0.calmar, 2) },
        line("Maximum drawdown") { PageText.percent($0.maximumDrawdown) },
        line("Longest drawdown, days") { PageText.fixed($0.maximumDrawdownDays, 1) },
        line("Trades") { PageText.count($0.trades) },
        line("Win rate") { PageText.percent($0.winRate, 1) },
        line("Profit factor") { PageText.fixed($0.profitFactor, 2) },
        line("Net expectancy per trade") { PageText.change($0.expectancy, 3) },
        line("Exposure") { PageText.percent($0.exposure, 1) },
        line("Turnover per year") { $0.turnover.map { PageText.fixed($0, 1) + "×" } ?? PageText.missing },
      ], leadColumn: 1)
    return .section("Strategy against baselines", "", [table.markup()])
  }

  /// Relative change from the first to the last point of a curve; nil where it means nothing.
  static func change(_ curve: Curve) -> Double? {
    guard let first = curve.value.first, let last = curve.value.last, first > 0 else { return nil }
    return last / first - 1
  }

  private static func course(_ curve: Curve) -> String {
    guard let first = curve.value.first, let last = curve.value.last, let start = curve.time.first,
      let end = curve.time.last
    else { return "\(curve.name) has no points." }
    return "\(curve.name) goes from \(PageText.plain(first)) on \(PageText.date(start)) "
      + "to \(PageText.plain(last)) on \(PageText.date(end))."
  }
}
