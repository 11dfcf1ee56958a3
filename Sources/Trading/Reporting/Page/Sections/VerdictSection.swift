import Evaluation

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
    let threshold = NumberText.percent(slice.threshold, 0)
    let cards: [(String, String, String)] = [
      (
        "Total return", NumberText.change(strategy.totalReturn),
        "\(NumberText.change(strategy.annualisedReturn)) a year"
      ),
      (
        "Sharpe ratio", NumberText.fixed(strategy.sharpe, 2),
        "annualised; Sortino \(NumberText.fixed(strategy.sortino, 2))"
      ),
      (
        "Maximum drawdown", NumberText.percent(strategy.maximumDrawdown),
        "longest \(NumberText.fixed(strategy.maximumDrawdownDays, 1)) days"
      ),
      (
        "Trades", NumberText.count(strategy.trades),
        "\(NumberText.percent(strategy.exposure, 1)) of the time in a position"
      ),
      (
        "Net expectancy", NumberText.change(strategy.expectancy, 3), "mean net return per trade"
      ),
      (
        "Win rate", NumberText.percent(strategy.winRate, 1),
        "profit factor \(NumberText.fixed(strategy.profitFactor, 2))"
      ),
      ("Signal AUC", NumberText.fixed(metrics.macroAUC, 3), "mean over classes; 0.5 is chance"),
      (
        "Signal log loss", NumberText.fixed(metrics.logLoss, 4),
        "class frequencies alone: \(NumberText.fixed(metrics.priorLogLoss, 4))"
      ),
      (
        "Hit rate from \(threshold)", NumberText.percent(slice.hitRate, 1),
        slice.count == 0
          ? "no row is that confident"
          : "claimed \(NumberText.percent(slice.meanConfidence, 1)) on \(NumberText.count(slice.count)) row\(slice.count == 1 ? "" : "s")"
      ),
      ("Calibration error", NumberText.percent(metrics.ece, 2), "expected, of the most probable class"),
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
