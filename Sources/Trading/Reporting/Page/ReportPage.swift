/// Lays a report out as a page.
struct ReportPage {
  let report: EvaluationReport

  init(_ report: EvaluationReport) { self.report = report }

  func render() -> String { report.run.title }
}
