import Explanations

extension TableExplanation {
  /// Most dots of a plot; further rows would only cover the others.
  private static let dots = 500
  /// Nodes below this depth are left out of the page's drawing.
  private static let drawnDepth = 6

  /// The page; it depends on model, table and request alone.
  public func html() -> String {
    let sections = [
      importanceSection, valueSection, rowSection,
      study.section(of: table, output: output), treeSection,
    ]
    return ExplanationPage(
      title: "Explanation of a \(model.description.model) model",
      subtitle: "\(request.data) · \(attribution.values.rows) rows · \(names.count) features · "
        + "\(model.forest.trees) trees · target \(table.signature.target)"
        + (className.map { " · class \($0)" } ?? ""),
      sections: sections
    ).html()
  }

  private var names: [String] { table.signature.inputs.map(\.name) }

  private var importanceSection: ExplanationSection {
    let summary = summary
    var parts: [any ExplanationPart] = [
      RankedBars(
        "Mean |Shapley value|",
        note: "How far a feature moves the margin on average"
          + (attribution.values.outputs > 1 ? ", summed over the classes." : "."),
        rows: summary.importances.map { ($0.feature, $0.meanMagnitude, "") })
    ]
    if let permutation {
      parts.append(table.bars(permutation, metric: metricName, repeats: request.repeats))
    }
    parts.append(
      RankedBars(
        "Gain", note: "Loss reductions of a feature's splits in training.",
        rows: summary.importances.map { ($0.feature, $0.gain, " in \($0.splits) splits") }))
    parts.append(
      RankedBars(
        "Cover", note: "Hessians of the nodes that a feature splits.",
        rows: summary.importances.map { ($0.feature, $0.cover, "") }))
    if !attribution.pairs.isEmpty {
      parts.append(
        RankedBars(
          "Interactions", note: "Mean |Shapley interaction value| of pairs of features.",
          rows: attribution.pairs.prefix(15).map {
            ("\(names[$0.first]) × \(names[$0.second])", $0.strength, "")
          }))
    }
    return ExplanationSection(
      "Importances",
      introduction:
        "Shapley values speak of the model's output, permutation of its accuracy, gain and cover of "
        + "training. " + method, [PairedParts(parts)])
  }

  private var method: String {
    attribution.background > 0
      ? "Shapley values are interventional, against \(attribution.background) rows of the table."
      : "Shapley values are path-dependent, nodes weighed by their \(attribution.cover.rawValue)."
  }

  private var valueSection: ExplanationSection {
    let rows = table.spread(TableExplanation.dots)
    let values = attribution.values
    func column(_ feature: Int) -> [Double] {
      rows.map { values.values[($0 * values.outputs + output) * values.features + feature] }
    }
    func inputs(_ feature: Int) -> [Float] { rows.map { table.columns[feature][$0] } }
    let swarm = Beeswarm(
      "Shapley values of \(rows.count) rows",
      note: "Each dot is a row; \(table.marginWords(output: output)).",
      lines: ranking.prefix(15).map { .init(name: names[$0], values: column($0), inputs: inputs($0)) })
    let scatters = ranking.prefix(request.top).map { feature in
      DependenceScatter(
        feature: names[feature], inputs: inputs(feature), values: column(feature),
        partner: attribution.partner(of: feature).map { (names[$0], inputs($0)) })
    }
    return ExplanationSection(
      "Shapley values",
      introduction: "What each feature's value adds to or takes from the expected margin "
        + "\(TableExplanation.short(values.expected[output])).", [swarm, PairedParts(Array(scatters))])
  }

  private var rowSection: ExplanationSection {
    let row = summary.row
    let waterfall = Waterfall(
      "Row \(row.row)",
      note: "\(unit.prefix(1).uppercased())\(unit.dropFirst()): \(TableExplanation.short(row.prediction)).",
      expected: row.expected, features: row.parts.map { ("\($0.feature) = \($0.input)", $0.value) })
    return ExplanationSection(
      "One row", introduction: "From the expected margin to the row's own, largest part first.", [waterfall])
  }

  private var treeSection: ExplanationSection {
    var options = TreeOutline.Options()
    options.categories = table.signature.inputs.map { $0.vocabulary ?? [] }
    options.maximumDepth = TableExplanation.drawnDepth
    let outline = TreeOutline(model.forest, tree: request.tree, options: options)
    let cut =
      outline.depth > TableExplanation.drawnDepth
      ? " Nodes below depth \(TableExplanation.drawnDepth) are left out." : ""
    return ExplanationSection(
      "A tree",
      introduction: "One of the \(model.forest.trees) trees whose leaves add up to the margin.\(cut)",
      [TreePart(outline)])
  }

  /// About four digits.
  private static func short(_ value: Double) -> String { ExplanationPage.number(value) }
}
