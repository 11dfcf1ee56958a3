extension ReportPage {
  /// Equity and drawdown over time.
  var equitySection: Markup {
    let equity = LinePlot(
      id: "equity", title: "Equity over time",
      description: report.equity.map(ReportPage.course).joined(separator: " "),
      curves: report.equity, format: { NumberText.fixed($0, $1) },
      ending: { NumberText.change(ReportPage.change($0), 1) })
    let drawdown = LinePlot(
      id: "drawdown", title: "Drawdown over time",
      description: "Loss from the highest equity so far; the deepest is "
        + "\(NumberText.percent(report.drawdown?.value.filter(\.isFinite).min())).",
      curves: report.drawdown.map { [$0] } ?? [], format: { NumberText.percent($0, max(0, $1 - 2)) },
      ending: { NumberText.percent($0.value.last, 1) }, height: 170, isFilled: true)
    return .section(
      "Equity", "The pooled unseen span: every decision comes from a model that was trained on earlier data only.",
      [
        .figure(
          "Equity", report.equity.count > 1 ? "Strategy and baselines, with the change over the span at the right." : "",
          equity.markup(), otherwise: "No equity curve was recorded."),
        .figure(
          "Drawdown", "Loss of the strategy from its highest equity so far.", drawdown.markup(),
          otherwise: "No drawdown was recorded."),
      ])
  }

  /// The strategy beside its baselines.
  var strategiesSection: Markup {
    let table = Table(
      caption: "Strategy and baselines",
      note: "Annualised over 365 days. Drawdown days count from a peak to its recovery, or to the end.",
      columns: [
        "", "Total return", "Per year", "Sharpe", "Sortino", "Calmar", "Max. drawdown", "Drawdown days", "Win rate",
        "Profit factor", "Expectancy", "Exposure", "Turnover", "Trades",
      ],
      rows: ([report.strategy] + report.baselines).map(ReportPage.row), lead: 0)
    return .section("Strategy against baselines", "", [table.markup()])
  }

  private static func row(_ summary: StrategySummary) -> [String] {
    [
      summary.name, NumberText.change(summary.totalReturn), NumberText.change(summary.annualisedReturn),
      NumberText.fixed(summary.sharpe, 2), NumberText.fixed(summary.sortino, 2), NumberText.fixed(summary.calmar, 2),
      NumberText.percent(summary.maximumDrawdown), NumberText.fixed(summary.maximumDrawdownDays, 1),
      NumberText.percent(summary.winRate, 1), NumberText.fixed(summary.profitFactor, 2),
      NumberText.change(summary.expectancy, 3), NumberText.percent(summary.exposure, 1),
      summary.turnover.map { NumberText.fixed($0, 1) + "×" } ?? NumberText.missing, NumberText.count(summary.trades),
    ]
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
    return "\(curve.name) goes from \(NumberText.plain(first)) on \(NumberText.date(start)) "
      + "to \(NumberText.plain(last)) on \(NumberText.date(end))."
  }
}
