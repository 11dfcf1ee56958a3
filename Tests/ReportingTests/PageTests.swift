import Evaluation
import Foundation
import Testing

@testable import Reporting

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What a page consists of, read back by an XML parser that we did not write.
private final class PageReader: NSObject, XMLParserDelegate {
  var elements: [String] = []
  var attributes: [(element: String, name: String, value: String)] = []
  var text = ""

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes found: [String: String]
  ) {
    elements.append(name)
    attributes += found.map { (element: name, name: $0.key, value: $0.value) }
    text += " "
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func count(_ name: String) -> Int { elements.count { $0 == name } }

  func values(_ name: String) -> [String] { attributes.filter { $0.name == name }.map(\.value) }
}

private func read(_ page: String) throws -> PageReader {
  let reader = PageReader()
  let parser = XMLParser(data: Data(page.utf8))
  parser.delegate = reader
  try #require(parser.parse(), "the page is not well-formed: \(String(describing: parser.parserError))")
  return reader
}

/// Whether a page shows a number that is none, as a word of its own.
private func showsNotANumber(_ text: String) -> Bool {
  let words = text.lowercased().split { !$0.isLetter }
  return words.contains { ["nan", "inf", "infinity"].contains($0) } || text.contains("∞")
}

@Suite("Report page")
struct PageTests {
  @Test("Is well-formed and holds every part of a full report")
  func full() throws {
    let report = try SampleReports.full()
    let page = try read(report.html())
    // Equity, drawdown, random entries, labels, timings, and three plots for each of two layers.
    #expect(page.count("svg") == 11)
    #expect(page.count("h1") == 1)
    for reason in report.verdict.reasons { #expect(page.text.contains(reason.sentence)) }
    #expect(page.text.contains(report.verdict.headline))
    for warning in report.warnings { #expect(page.text.contains(warning)) }
    for baseline in report.baselines { #expect(page.text.contains(baseline.name)) }
    for setting in report.run.settings { #expect(page.text.contains(setting.value)) }
    for name in SampleReports.regimes { #expect(page.text.contains(name)) }
    #expect(page.text.contains(report.data.digest))
    #expect(page.text.contains("+19.34\u{00A0}%"))
    // The thirty most important features and no more.
    #expect(page.text.contains("feature_29_of_window_145m"))
    #expect(!page.text.contains("feature_30_of_window_150m"))
    #expect(!showsNotANumber(page.text))
  }

  @Test("Needs nothing from elsewhere and runs nothing")
  func selfContained() throws {
    let page = try read(try SampleReports.full().html())
    for name in ["script", "link", "iframe", "object", "embed", "img", "image", "use", "a", "form", "base"] {
      #expect(page.count(name) == 0, "the page holds <\(name)>")
    }
    for attribute in page.attributes {
      #expect(!["src", "href", "xlink:href", "action", "srcset"].contains(attribute.name))
      #expect(!attribute.name.hasPrefix("on"))
      #expect(!attribute.value.contains("url("))
    }
    #expect(!page.text.contains("url("))
    #expect(!page.text.contains("@import"))
    #expect(!page.text.contains("://"))
  }

  @Test("Names every plot and table for those who cannot see it")
  func accessible() throws {
    let page = try read(try SampleReports.full().html())
    let identifiers = page.values("id")
    #expect(Set(identifiers).count == identifiers.count)
    let labelled = page.values("aria-labelledby").flatMap { $0.split(separator: " ").map(String.init) }
    #expect(labelled.count == 2 * page.count("svg"))
    for name in labelled { #expect(identifiers.contains(name)) }
    #expect(page.count("desc") == page.count("svg"))
    #expect(page.count("caption") == page.count("table"))
  }

  @Test("Gives equal bytes for equal reports")
  func deterministic() throws {
    let page = try SampleReports.full().html()
    #expect(page == (try SampleReports.full().html()))
    let again = try JSONDecoder().decode(
      EvaluationReport.self, from: Data(try SampleReports.full().json(pretty: false)))
    #expect(page == again.html())
  }

  @Test("Shows hostile names as text")
  func hostile() throws {
    let hostile = "</title><script>alert('x')</script>\"'&amp;]]>\u{0}\u{8}\u{FFFE}<b onload=\"x\">"
    var report = try SampleReports.bare(title: hostile, name: hostile)
    report.labels.classes = [.init(name: hostile, count: 1)]
    report.signal.importances = [.init(name: hostile, value: 1)]
    report.baselines = [StrategySummary(name: hostile)]
    report.warnings = [hostile]
    report.run.settings = [NamedValue(hostile, hostile)]
    report.equity = [
      try Curve(name: hostile, time: [0, 1], value: [1, 2]),
      try Curve(name: hostile, time: [0, 1], value: [1, 2]),
    ]
    report.timings = [.init(phase: hostile, seconds: 1)]
    let page = try read(report.html())
    #expect(page.count("script") == 0)
    #expect(page.count("b") == 0)
    #expect(!page.attributes.contains { $0.name == "onload" })
    #expect(page.text.contains("<script>alert('x')</script>\"'&amp;]]>"))
  }

  @Test("Says what is missing from a report with nothing in it")
  func bare() throws {
    let page = try read(try SampleReports.bare().html())
    for sentence in [
      "No equity curve was recorded.", "No drawdown was recorded.", "No importances were recorded.",
      "There are no labels.", "There are no walk-forward folds.", "No interval or test could be computed",
    ] { #expect(page.text.contains(sentence), "missing: \(sentence)") }
    #expect(!showsNotANumber(page.text))
  }

  /// Instants and values that leave a plot nothing to scale by, or too much.
  static let extremes: [([Int64], [Double])] = {
    var curves: [([Int64], [Double])] = [([], []), ([5], [1]), ([0, 0], [1, 1]), ([0, 1], [0, 0])]
    curves.append(([Int64.min, 0, Int64.max], [-1e308, 0, 1e308]))
    curves.append(([0, 86_400_000], [1e-300, 2e-300]))
    curves.append(([Int64.max, Int64.max], [1e15, 1e15 + 1]))
    return curves
  }()

  @Test("Draws curves of no length, of no height and of extreme values", arguments: extremes)
  func degenerateCurves(time: [Int64], value: [Double]) throws {
    var report = try SampleReports.bare()
    report.equity = [try Curve(name: "strategy", time: time, value: value)]
    report.drawdown = report.equity[0]
    report.significance.randomEntry = RandomEntryReport(outcomes: value, strategy: value.last ?? 0)
    let html = report.html()
    let page = try read(html)
    #expect(!showsNotANumber(page.text))
    for path in page.values("d") { #expect(path.allSatisfy { "MLZ0123456789.- ".contains($0) }) }
  }

  @Test("Shows numbers that are not finite as dashes")
  func notFinite() throws {
    var report = try SampleReports.full()
    report.signal.calibration?.logLossBefore = .nan
    report.signal.calibration?.eceAfter = .infinity
    report.signal.importances.append(FeatureImportance(name: "odd", value: .nan))
    report.labels.classes[0].meanNetReturn = -.infinity
    report.timings?.append(.init(phase: "odd", seconds: .nan))
    #expect(!showsNotANumber(try read(report.html()).text))
  }
}
