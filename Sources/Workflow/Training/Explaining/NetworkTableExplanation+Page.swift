import Explanations
import NetworkExplanations

extension NetworkTableExplanation {
  private static let measure = "Integrated gradient"

  /// The page; it depends on model, table and request alone.
  public func html() -> String {
    let sections = [
      importanceSection, valueSection, rowSection, study.section(of: table, output: output), stepSection,
    ]
    return ExplanationPage(
      title: "Explanation of a \(model.description.model) model",
      subtitle: "\(request.data) · \(table.rowNumbers.count) rows · \(names.count) features · target "
        + table.signature.target + (className.map { " · class \($0)" } ?? ""),
      sections: sections.compactMap { $0 }
    ).html()
  }

  private var names: [String] { table.signature.inputs.map(\.name) }

  private var importanceSection: ExplanationSection {
    let magnitudes = attribution.meanMagnitudes
    var parts: [any ExplanationPart] = [
      RankedBars(
        "Mean |integrated gradient|",
        note: "How far a feature moves the margin on average"
          + (attribution.outputs > 1 ? ", summed over the classes." : "."),
        rows: ranking.map { (names[$0], magnitudes[$0], "") })
    ]
    if let permutation {
      parts.append(table.bars(permutation, metric: metricName, repeats: request.repeats))
    }
    if let focus {
      parts.append(
        RankedBars(
          title(of: focus), note: note(of: focus),
          rows: names.indices.map { (names[$0], focus.importances[$0], "") }))
    }
    return ExplanationSection(
      "Importances",
      introduction: "Integrated gradients speak of the model's output, permutation of its accuracy"
        + (focus == nil ? ". " : ", \(title(of: focus).lowercased()) of what the network reads. ")
        + "The margins of \(attribution.rows) rows are taken apart with \(configuration.steps) gradients each, on "
        + "the way from the mean of \(background) rows; parts add up within "
        + "\(ExplanationPage.number(attribution.completenessError)).", [PairedParts(parts)])
  }

  private func title(of focus: NetworkFocus?) -> String {
    focus?.kind == .masks ? "Masks" : "Attention"
  }

  private func note(of focus: NetworkFocus) -> String {
    switch focus.kind {
    case .masks: "Shares of all rows' masks, each step weighed by what it decides."
    case .attentionRollout: "How much each feature's token reaches the token that is read, mean of all rows."
    }
  }

  private var valueSection: ExplanationSection {
    func column(_ feature: Int) -> [Double] {
      (0..<attribution.rows).map {
        attribution.values[($0 * attribution.outputs + output) * attribution.features + feature]
      }
    }
    func inputs(_ feature: Int) -> [Float] { places.map { table.columns[feature][$0] } }
    let swarm = Beeswarm(
      "Integrated gradients of \(places.count) rows",
      note: "Each dot is a row; \(table.marginWords(output: output)).",
      lines: ranking.prefix(15).map { .init(name: names[$0], values: column($0), inputs: inputs($0)) },
      measure: NetworkTableExplanation.measure)
    let scatters = ranking.prefix(request.top).map { feature in
      DependenceScatter(
        feature: names[feature], inputs: inputs(feature), values: column(feature), partner: nil,
        measure: NetworkTableExplanation.measure)
    }
    return ExplanationSection(
      "Integrated gradients",
      introduction: "What each feature's value adds to or takes from the baseline's margin "
        + "\(ExplanationPage.number(attribution.baseline[output])).", [swarm, PairedParts(Array(scatters))])
  }

  private var rowSection: ExplanationSection {
    let row = summary.row
    var parts: [any ExplanationPart] = [
      Waterfall(
        "Row \(row.row)",
        note: "\(unit.prefix(1).uppercased())\(unit.dropFirst()): \(ExplanationPage.number(row.prediction)).",
        expected: row.expected, features: row.parts.map { ("\($0.feature) = \($0.input)", $0.value) },
        start: "baseline's margin")
    ]
    if let singleFocus {
      let steps = singleFocus.steps.enumerated().map { step, mask in
        RankedBars(
          "Mask of step \(step + 1)", note: "Shares of the row's mask.",
          rows: names.indices.map { (names[$0], Double(mask[$0]), "") })
      }
      let whole = RankedBars(
        title(of: singleFocus), note: "Shares of this row.",
        rows: names.indices.map { (names[$0], Double(singleFocus.shares[$0]), "") })
      parts.append(PairedParts([whole] + steps))
    }
    return ExplanationSection(
      "One row", introduction: "From the baseline's margin to the row's own, largest part first.", parts)
  }

  private var unit: String { table.unit(output: output) }

  /// The mean mask of each step.
  private var stepSection: ExplanationSection? {
    guard let focus, !focus.steps.isEmpty else { return nil }
    let parts = focus.steps.enumerated().map { step, mask in
      var sums = [Double](repeating: 0, count: focus.features)
      for index in mask.indices { sums[index % focus.features] += Double(mask[index]) }
      return RankedBars(
        "Step \(step + 1)", note: "Mean mask of \(focus.rows) rows.",
        rows: names.indices.map { (names[$0], sums[$0] / Double(max(focus.rows, 1)), "") })
    }
    return ExplanationSection(
      "Steps",
      introduction: "Each step looks at features by a mask of its own, which adds up to 1 in every row.",
      [PairedParts(parts)])
  }
}
