import Evaluation
import Pages

extension ReportPage {
  /// The verdict with the answer of every gate.
  var banner: Markup {
    let verdict = report.verdict
    let isPassed = verdict.outcome == .passed
    let gates = verdict.reasons.map { reason in
      Markup.element(
        "li", [:],
        .element(
          "span", ["class": reason.passed ? "mark good" : "mark"],
          .text(reason.passed ? "✓ holds" : "✗ fails")),
        .element("span", [:], .text(reason.sentence)))
    }
    return .element(
      "section", ["class": isPassed ? "panel verdict passed" : "panel verdict", "aria-label": "Verdict"],
      .element("span", ["class": "badge"], .text(isPassed ? "PASSED" : "FAILED")),
      .element("p", ["class": "headline"], .text(verdict.headline)),
      gates.isEmpty ? .empty : .element("ul", ["class": "gates"], gates))
  }

  /// What a reader should know before trusting the numbers.
  var warnings: Markup {
    guard !report.warnings.isEmpty else { return .empty }
    return .element(
      "section", ["class": "panel words warnings"],
      .element("h2", [:], .text(report.warnings.count == 1 ? "Warning" : "Warnings")),
      .element("ul", [:], report.warnings.map { .element("li", [:], .text($0)) }))
  }

  /// The key numbers.
  var cards: Markup {
    let strategy = report.strategy
    let metrics = report.signal.metrics
    let slice = metrics.confidentSlice
    let threshold = PageText.percent(slice.threshold, 0)
    let cards: [(String, String, String)] = [
      (
        "Total return", PageText.change(strategy.totalReturn),
        "\(PageText.change(strategy.annualisedReturn)) a year"
      ),
      (
        "Sharpe ratio", PageText.fixed(strategy.sharpe, 2),
        "annualised; Sortino \(PageText.fixed(strategy.sortino, 2))"
      ),
      (
        "Maximum drawdown", PageText.percent(strategy.maximumDrawdown),
        "longest \(PageText.fixed(strategy.maximumDrawdownDays, 1)) days"
      ),
      (
        "Trades", PageText.count(strategy.trades),
        "\(PageText.percent(strategy.exposure, 1)) of the time in a position"
      ),
      (
        "Net expectancy", PageText.change(strategy.expectancy, 3), "mean net return per trade"
      ),
      (
        "Win rate", PageText.percent(strategy.winRate, 1),
        "profit factor \(PageText.fixed(strategy.profitFactor, 2))"
      ),
      ("Signal AUC", PageText.fixed(metrics.macroAUC, 3), "mean over classes; 0.5 is chance"),
      (
        "Signal log loss", PageText.fixed(metrics.logLoss, 4),
        "class frequencies alone: \(PageText.fixed(metrics.priorLogLoss, 4))"
      ),
      (
        "Hit rate from \(threshold)", PageText.percent(slice.hitRate, 1),
        slice.count == 0
          ? "no row is that confident"
          : "claimed \(PageText.percent(slice.meanConfidence, 1)) on \(PageText.count(slice.count)) row\(slice.count == 1 ? "" : "s")"
      ),
      ("Calibration error", PageText.percent(metrics.ece, 2), "expected, of the most probable class"),
    ]
    return .element(
      "dl", ["class": "cards"],
      cards.map { name, value, note in
        .element(
          "div", ["class": "card"], .element("dt", [:], .text(name)), .element("dd", [:], .text(value)),
          .element("dd", [:], .text(note)))
      })
  }
}
