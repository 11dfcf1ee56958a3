import Calibration
import Evaluation
import Pages

extension ReportPage {
  /// One model of the stack: its scores, reliability, confusion, calibration and importances.
  func layerSection(_ layer: LayerReport, id: String, isSignal: Bool) -> Markup {
    let metrics = layer.metrics
    let reliability = ReliabilityPlot(
      id: "\(id)-reliability", title: "Reliability of \(layer.layer)",
      description:
        "Observed frequency of the most probable class against its confidence; expected calibration error "
        + "\(PageText.percent(metrics.ece, 2)), largest \(PageText.percent(metrics.reliability.maximumCalibrationError, 2)).",
      table: metrics.reliability, threshold: isSignal ? metrics.confidentSlice.threshold : .nan)
    let heatmap = Heatmap(
      id: "\(id)-confusion", title: "Confusion of \(layer.layer)",
      description: metrics.perClass.map {
        "\($0.name): \(PageText.percent($0.recall, 1)) of its rows were found."
      }.joined(separator: " "),
      names: metrics.confusion.classNames, counts: metrics.confusion.counts)
    let importances = importancePlot(layer, id: id)
    let left: [Markup] = [
      .figure(
        "Reliability", "On the diagonal a confidence is worth what it says. Grey bars count rows.",
        reliability.markup(), otherwise: "No row fell into a bin."),
      .figure(
        "Confusion", "Share of each label's rows, and their number.", heatmap.markup(),
        otherwise: "There are no classes."),
    ]
    // The scores go where there is room, so that the columns end at about the same height.
    let scores = scoreTable(metrics)
    let isRightFull = layer.calibration != nil || layer.importances.count > 20
    let right: [Markup] = [importances, isRightFull ? .empty : scores, calibrationTable(layer.calibration)]
    return .section(
      "\(layer.layer.prefix(1).uppercased())\(layer.layer.dropFirst()) layer",
      "\(layer.model) on \(PageText.count(metrics.rows)) pooled test rows of all folds.",
      [
        classTable(metrics),
        .element(
          "div", ["class": "pair"], .element("div", ["class": "stack"], isRightFull ? left + [scores] : left),
          .element("div", ["class": "stack"], right.filter { !$0.isEmpty })),
      ])
  }

  private func importancePlot(_ layer: LayerReport, id: String) -> Markup {
    let ranked = layer.rankedImportances.prefix(30)
    let plot = BarPlot(
      id: "\(id)-importances", title: "Feature importances of \(layer.layer)",
      description: "The \(ranked.count) most important of \(layer.importances.count) features, "
        + "led by \(ranked.first?.name ?? "none").",
      rows: ranked.map { .init(name: $0.name, value: $0.value, label: PageText.plain($0.value)) })
    return .figure(
      "Feature importances",
      layer.importances.count > ranked.count
        ? "\(layer.importanceKind); the top \(ranked.count) of \(PageText.count(layer.importances.count))"
        : layer.importanceKind,
      plot.markup(), otherwise: "No importances were recorded.")
  }

  private func classTable(_ metrics: ClassificationMetrics) -> Markup {
    PageTable(
      caption: "Classes", note: "AUC is one class against the rest; 0.5 is chance.",
      columns: ["Class", "AUC", "Precision", "Recall", "F1", "Rows", "Predicted"],
      rows: metrics.perClass.enumerated().map { index, scores in
        [
          scores.name, PageText.fixed(metrics.auc.indices.contains(index) ? metrics.auc[index] : nil, 3),
          PageText.percent(scores.precision, 1), PageText.percent(scores.recall, 1),
          PageText.fixed(scores.f1, 3),
          Heatmap.count(scores.support), Heatmap.count(scores.predicted),
        ]
      }
    ).markup()
  }

  private func scoreTable(_ metrics: ClassificationMetrics) -> Markup {
    let slice = metrics.confidentSlice
    let wilson =
      slice.wilson.map { "\(PageText.percent($0.lower, 1)) to \(PageText.percent($0.upper, 1))" }
      ?? PageText.missing
    return PageTable(
      caption: "Scores", columns: ["Score", "Value"],
      rows: [
        ["Log loss, nats", PageText.fixed(metrics.logLoss, 4)],
        ["Log loss of class frequencies", PageText.fixed(metrics.priorLogLoss, 4)],
        ["Brier score", PageText.fixed(metrics.brier, 4)],
        ["Accuracy", PageText.percent(metrics.accuracy, 1)],
        ["Balanced accuracy", PageText.percent(metrics.balancedAccuracy, 1)],
        ["Mean AUC", PageText.fixed(metrics.macroAUC, 3)],
        ["Calibration error, equal width", PageText.percent(metrics.ece, 2)],
        ["Calibration error, equal mass", PageText.percent(metrics.eceByMass, 2)],
        [
          "Rows at \(PageText.percent(slice.threshold, 0)) confidence or more",
          PageText.count(slice.count),
        ],
        ["Their mean confidence", PageText.percent(slice.meanConfidence, 1)],
        ["Their hit rate", PageText.percent(slice.hitRate, 1)], ["Wilson interval", wilson],
        ["Gap, confidence − hit rate", PageText.change(slice.gap, 1)],
      ]
    ).markup()
  }

  private func calibrationTable(_ calibration: CalibrationReport?) -> Markup {
    guard let calibration else { return .empty }
    let before = calibration.sliceBefore
    let after = calibration.sliceAfter
    return PageTable(
      caption: "Calibration",
      note: calibration.method == .none
        ? "None was applied."
        : "\(calibration.method.rawValue), fitted on \(PageText.count(calibration.fittedRows)) rows",
      columns: ["Score", "Before", "After"],
      rows: [
        [
          "Log loss, nats", PageText.fixed(calibration.logLossBefore, 4),
          PageText.fixed(calibration.logLossAfter, 4),
        ],
        [
          "Calibration error", PageText.percent(calibration.eceBefore, 2),
          PageText.percent(calibration.eceAfter, 2),
        ],
        [
          "Rows at \(PageText.percent(after.threshold, 0)) or more", PageText.count(before.count),
          PageText.count(after.count),
        ],
        [
          "Their mean confidence", PageText.percent(before.meanConfidence, 1),
          PageText.percent(after.meanConfidence, 1),
        ],
        ["Their hit rate", PageText.percent(before.hitRate, 1), PageText.percent(after.hitRate, 1)],
        ["Gap, confidence − hit rate", PageText.change(before.gap, 1), PageText.change(after.gap, 1)],
      ]
    ).markup()
  }
}
