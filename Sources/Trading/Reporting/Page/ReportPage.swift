import Pages

/// Lays a report out as one page: the verdict first, then the numbers behind it, then how they came about.
struct ReportPage {
  let report: EvaluationReport

  init(_ report: EvaluationReport) { self.report = report }

  /// The page. It depends on the report alone, so equal reports give equal bytes.
  func render() -> String {
    Markup.page(
      title: report.run.title, subtitle: subtitle,
      [
        banner, warnings, cards, equitySection, strategiesSection, significanceSection,
        layerSection(report.signal, id: "signal", isSignal: true),
      ]
        + report.otherLayers.enumerated().map {
          layerSection($0.element, id: "layer-\($0.offset)", isSignal: false)
        }
        + [labelsSection, foldsSection, provenanceSection, timingsSection],
      footer: "Returns are after fees, slippage and funding unless a name says otherwise. "
        + "Times are UTC. A dash stands for a number that does not exist.")
  }

  private var subtitle: String {
    let data = report.data
    return "\(data.symbol) \(data.interval), \(PageText.date(data.start)) to \(PageText.date(data.end)) · "
      + "\(PageText.count(data.candles)) candles · report made \(PageText.instant(report.run.created))"
  }
}
