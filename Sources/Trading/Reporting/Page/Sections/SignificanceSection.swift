import Evaluation
import Pages

extension ReportPage {
  /// How sure the headline numbers are, in words, with the strategy among random ones.
  var significanceSection: Markup {
    let significance = report.significance
    let sentences = [
      significance.aucDeLong.map { delong($0) }, significance.aucBootstrap.map { aucBlocks($0) },
      significance.expectancy.map { expectancy($0) }, significance.sharpe.map { sharpe($0) },
      significance.randomEntry.map { randomEntry($0) },
    ].compactMap { $0 }
    guard !sentences.isEmpty else {
      return .section(
        "Significance", "",
        [
          .sentences([
            "No interval or test could be computed, so nothing here can be told from chance."
          ])
        ])
    }
    return .section(
      "Significance", "How far the numbers above could be luck.", [.sentences(sentences), distribution])
  }

  private var distribution: Markup {
    guard let random = report.significance.randomEntry else { return .empty }
    let plot = Histogram(
      id: "random-entry", title: "Random entries and the strategy", description: randomEntry(random),
      values: random.outcomes, marked: random.strategy, markedName: report.strategy.name)
    return .figure(
      "Random entries",
      "Net result of strategies that enter at random with the same exits; the line is the strategy.",
      plot.markup(), otherwise: "No random strategy was run.")
  }

  private func delong(_ interval: ConfidenceInterval) -> String {
    "AUC of \(report.significance.aucClass): \(PageText.fixed(interval.estimate, 3)). If every row were independent, "
      + "the truth would lie between \(range(interval) { PageText.fixed($0, 3) }) (DeLong). Labels overlap, so this "
      + "interval is too narrow."
  }

  private func aucBlocks(_ result: BlockBootstrap.Result) -> String {
    let interval = result.interval
    let conclusion =
      interval.lower > 0.5
      ? "The interval lies above 0.5, so the model ranks better than chance."
      : interval.upper < 0.5
        ? "The interval lies below 0.5, so the model ranks worse than chance."
        : "The interval includes 0.5, so the model cannot be told from chance."
    return
      "Resampling whole blocks of days (\(days(result))) puts the AUC of \(report.significance.aucClass), "
      + "\(PageText.fixed(interval.estimate, 3)), between \(range(interval) { PageText.fixed($0, 3) }); "
      + "one-sided p \(equals(result.pValue)). \(conclusion)\(skipped(result))"
  }

  private func expectancy(_ result: BlockBootstrap.Result) -> String {
    let interval = result.interval
    let conclusion =
      interval.lower > 0
      ? "The interval lies above zero: trades earn more than they cost."
      : interval.upper < 0
        ? "The interval lies below zero: trades cost more than they earn."
        : "The interval includes zero, so profit cannot be told from loss."
    return
      "A trade earns \(PageText.change(interval.estimate, 3)) on average after costs. Resampling whole blocks "
      + "of days (\(days(result))) puts it between \(range(interval) { PageText.change($0, 3) }); "
      + "one-sided p \(equals(result.pValue)). \(conclusion)\(skipped(result))"
  }

  private func sharpe(_ sharpe: SharpeSignificance) -> String {
    var words =
      "The Sharpe ratio of \(PageText.count(sharpe.count)) returns is \(PageText.fixed(sharpe.sharpe, 3)) per period "
      + "(skewness \(PageText.fixed(sharpe.skewness, 2)), kurtosis \(PageText.fixed(sharpe.kurtosis, 2))). The "
      + "probability that the true ratio is above zero is \(PageText.percent(sharpe.probabilistic, 1))"
    words +=
      sharpe.trials > 1
      ? "; above what the best of \(PageText.count(sharpe.trials)) worthless strategies would show by luck, "
        + "\(PageText.fixed(sharpe.expectedMaximum, 3)), it is \(PageText.percent(sharpe.deflated, 1))."
      : ". One trial was counted; every further configuration that was tried lowers it."
    if let length = sharpe.minimumTrackRecord, length.isFinite {
      words +=
        " A ratio above zero can be claimed at 95 % after \(PageText.fixed(length.rounded(.up), 0)) returns."
    }
    return words
  }

  private func randomEntry(_ random: RandomEntryReport) -> String {
    let better = random.outcomes.count { $0 >= random.strategy }
    return
      "Of \(PageText.count(random.outcomes.count)) strategies that enter at random with the same exits, "
      + "\(PageText.count(better)) did at least as well as \(PageText.change(random.strategy, 3)); "
      + "p \(equals(random.pValue))."
  }

  private func range(_ interval: ConfidenceInterval, _ text: (Double) -> String) -> String {
    "\(text(interval.lower)) and \(text(interval.upper)) with \(PageText.percent(interval.level, 0)) confidence"
  }

  private func days(_ result: BlockBootstrap.Result) -> String {
    "\(PageText.count(result.days)) day\(result.days == 1 ? "" : "s") of data"
  }

  private func equals(_ pValue: Double) -> String {
    let text = PageText.pValue(pValue)
    return text.hasPrefix("below") ? text : "= \(text)"
  }

  private func skipped(_ result: BlockBootstrap.Result) -> String {
    result.skipped == 0 ? "" : " \(PageText.count(result.skipped)) resamples could not be computed."
  }
}
