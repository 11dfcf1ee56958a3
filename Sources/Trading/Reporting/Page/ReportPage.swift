/// Lays a report out as one page: the verdict first, then the numbers behind it, then how they came about.
struct ReportPage {
  let report: EvaluationReport

  init(_ report: EvaluationReport) { self.report = report }

  /// The page. It depends on the report alone, so equal reports give equal bytes.
  func render() -> String {
    Markup.document(
      .element(
        "html", ["lang": "en"],
        .element(
          "head", [:],
          .void("meta", ["charset": "utf-8"]),
          .void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
          .element("title", [:], .text(report.run.title)),
          .style(StyleSheet.text)),
        .element(
          "body", [:],
          heading,
          .element(
            "main", [:],
            [
              banner, warnings, cards, equitySection, strategiesSection, significanceSection,
              layerSection(report.signal, id: "signal", isSignal: true),
            ]
              + report.otherLayers.enumerated().map {
                layerSection($0.element, id: "layer-\($0.offset)", isSignal: false)
              }
              + [labelsSection, foldsSection, provenanceSection, timingsSection]),
          .element(
            "footer", [:],
            .text(
              "Returns are after fees, slippage and funding unless a name says otherwise. "
                + "Times are UTC. A dash stands for a number that does not exist.")))))
  }

  private var heading: Markup {
    let data = report.data
    return .element(
      "header", [:],
      .element("h1", [:], .text(report.run.title)),
      .element(
        "p", ["class": "soft"],
        .text(
          "\(data.symbol) \(data.interval), \(NumberText.date(data.start)) to \(NumberText.date(data.end)) · "
            + "\(NumberText.count(data.candles)) candles · report made \(NumberText.instant(report.run.created))"
        )))
  }
}
