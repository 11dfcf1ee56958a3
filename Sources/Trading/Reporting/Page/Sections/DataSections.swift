import Pages

extension ReportPage {
  /// How often each label occurs and what it earns.
  var labelsSection: Markup {
    let census = report.labels
    let total = census.classes.reduce(0.0) { $0 + Double($1.count) }
    let share = { (count: Int) in total > 0 ? Double(count) / total : nil }
    let plot = BarPlot(
      id: "labels", title: "Label census",
      description: census.classes.map { "\($0.name): \(PageText.count($0.count)) rows." }.joined(
        separator: " "),
      rows: census.classes.map {
        .init(name: $0.name, value: Double($0.count), label: PageText.percent(share($0.count), 1))
      },
      names: 140)
    let table = PageTable(
      caption: "Label census",
      note: "\(PageText.count(census.ambiguous)) labels were decided by a bar that touched both barriers; "
        + "\(PageText.count(census.unlabelled)) rows have no label.",
      columns: ["Label", "Rows", "Share", "Mean net return"],
      rows: census.classes.map {
        [
          $0.name, PageText.count($0.count), PageText.percent(share($0.count), 1),
          PageText.change($0.meanNetReturn, 3),
        ]
      })
    return .section(
      "Labels", census.rule,
      [
        .element(
          "div", ["class": "pair"],
          .figure("Share of labels", "", plot.markup(), otherwise: "There are no labels."), table.markup())
      ])
  }

  /// Every walk-forward fold in a row.
  var foldsSection: Markup {
    guard !report.folds.isEmpty else {
      return .section("Folds", "", [.sentences(["There are no walk-forward folds."])])
    }
    let table = PageTable(
      caption: "Walk-forward folds",
      note: "Spans end before their last date. Purged rows are those whose labels reached into a later span.",
      columns: [
        "Fold", "Trained on", "Tested on", "Training rows", "Calibration", "Purged", "Test rows", "Log loss",
        "Accuracy", "Mean AUC", "ECE", "Signals", "Trades", "Expectancy", "Return", "Max. drawdown",
      ],
      rows: report.folds.map(ReportPage.row), isDense: true)
    return .section("Folds", "", [table.markup()])
  }

  private static func row(_ fold: FoldReport) -> [String] {
    let known = fold.auc.compactMap { $0 }.filter(\.isFinite)
    let auc = known.isEmpty || known.count < fold.auc.count ? nil : known.reduce(0, +) / Double(known.count)
    return [
      "\(fold.index)", span(fold.trainStart, fold.trainEnd),
      span(fold.testStart, fold.testEnd),
      PageText.count(fold.trainRows),
      PageText.count(fold.calibrationRows), PageText.count(fold.purgedRows),
      PageText.count(fold.testRows),
      PageText.fixed(fold.logLoss, 4), PageText.percent(fold.accuracy, 1), PageText.fixed(auc, 3),
      PageText.percent(fold.ece, 1), PageText.count(fold.signals), PageText.count(fold.trades),
      PageText.change(fold.expectancy, 3), PageText.change(fold.totalReturn),
      PageText.percent(fold.maximumDrawdown),
    ]
  }

  /// Two dates, which may stand under each other.
  private static func span(_ start: Int64, _ end: Int64) -> String {
    "\(PageText.date(start))\u{00A0}– \(PageText.date(end))"
  }
}
