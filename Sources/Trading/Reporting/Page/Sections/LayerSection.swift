import Calibration
import Evaluation

extension ReportPage {
  /// One model of the stack: its scores, reliability, confusion, calibration and importances.
  func layerSection(_ layer: LayerReport, id: String, isSignal: Bool) -> Markup {
    let metrics = layer.metrics
    let reliability = ReliabilityPlot(
      id: "\(id)-reliability", title: "Reliability of \(layer.layer)",
      description:
        "Observed frequency of the most probable class against its confidence; expected calibration error "
        + "\(NumberText.percent(metrics.ece, 2)), largest \(NumberText.percent(metrics.reliability.maximumCalibrationError, 2)).",
      table: metrics.reliability, threshold: isSignal ? metrics.confidentSlice.threshold : .nan)
    let heatmap = Heatmap(
      id: "\(id)-confusion", title: "Confusion of \(layer.layer)",
      description: metrics.perClass.map {
        "\($0.name): \(NumberText.percent($0.recall, 1)) of its rows were found."
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
      "\(layer.model) on \(NumberText.count(metrics.rows)) pooled test rows of all folds.",
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
      rows: ranked.map { .init(name: $0.name, value: $0.value, label: NumberText.plain($0.value)) })
    return .figure(
      "Feature importances",
      layer.importances.count > ranked.count
        ? "\(layer.importanceKind); the top \(ranked.count) of \(NumberText.count(layer.importances.count))"
        : layer.importanceKind,
      plot.markup(), otherwise: "No importances were recorded.")
  }

  private func classTable(_ metrics: ClassificationMetrics) -> Markup {
    Table(
      caption: "Classes", note: "AUC is one class against the rest; 0.5 is chance.",
      columns: ["Class", "AUC", "Precision", "Recall", "F1", "Rows", "Predicted"],
      rows: metrics.perClass.enumerated().map { index, scores in
        [
          scores.name, NumberText.fixed(metrics.auc.indices.contains(index) ? metrics.auc[index] : nil, 3),
          NumberText.percent(scores.precision, 1), NumberText.percent(scores.recall, 1),
          NumberText.fixed(scores.f1, 3),
          Heatmap.count(scores.support), Heatmap.count(scores.predicted),
        ]
      }
    ).markup()
  }

  private func scoreTable(_ metrics: ClassificationMetrics) -> Markup {
    let slice = metrics.confidentSlice
    let wilson =
      slice.wilson.map { "\(NumberText.percent($0.lower, 1)) to \(NumberText.percent($0.upper, 1))" }
      ?? NumberText.missing
    return Table(
      caption: "Scores", columns: ["Score", "Value"],
      rows: [
        ["Log loss, nats", NumberText.fixed(metrics.logLoss, 4)],
        ["Log loss of class frequencies", NumberText.fixed(metrics.priorLogLoss, 4)],
        ["Brier score", NumberText.fixed(metrics.brier, 4)],
        ["Accuracy", NumberText.percent(metrics.accuracy, 1)],
        ["Balanced accuracy", NumberText.percent(metrics.balancedAccuracy, 1)],
        ["Mean AUC", NumberText.fixed(metrics.macroAUC, 3)],
        ["Calibration error, equal width", NumberText.percent(metrics.ece, 2)],
        ["Calibration error, equal mass", NumberText.percent(metrics.eceByMass, 2)],
        [
          "Rows at \(NumberText.percent(slice.threshold, 0)) confidence or more",
          NumberText.count(slice.count),
        ],
        ["Their mean confidence", NumberText.percent(slice.meanConfidence, 1)],
        ["Their hit rate", NumberText.percent(slice.hitRate, 1)], ["Wilson interval", wilson],
        ["Gap, confidence − hit rate", NumberText.change(slice.gap, 1)],
      ]
    ).markup()
  }

  private func calibrationTable(_ calibration: CalibrationReport?) -> Markup {
    guard let calibration else { return .empty }
    let before = calibration.sliceBefore
    let after = calibration.sliceAfter
    return Table(
      caption: "Calibration",
      note: calibration.method == .none
        ? "None was applied."
        : "\(calibration.method.rawValue), fitted on \(NumberText.count(calibration.fittedRows)) rows",
      columns: ["Score", "Before", "After"],
      rows: [
        [
          "Log loss, nats", NumberText.fixed(calibration.logLossBefore, 4),
          NumberText.fixed(calibration.logLossAfter, 4),
        ],
        [
          "Calibration error", NumberText.percent(calibration.eceBefore, 2),
          NumberText.percent(calibration.eceAfter, 2),
        ],
        [
          "Rows at \(NumberText.percent(after.threshold, 0)) or more", NumberText.count(before.count),
          NumberText.count(after.count),
        ],
        [
          "Their mean confidence", NumberText.percent(before.meanConfidence, 1),
          NumberText.percent(after.meanConfidence, 1),
        ],
        ["Their hit rate", NumberText.percent(before.hitRate, 1), NumberText.percent(after.hitRate, 1)],
        ["Gap, confidence − hit rate", NumberText.change(before.gap, 1), NumberText.change(after.gap, 1)],
      ]
    ).markup()
  }
}
