import Explanations

extension DependenceStudy {
  /// Single rows' curves behind a partial dependence.
  private static let curves = 40

  /// The curves and the map as a section of a page.
  func section(of table: ExplainedTable, output: Int) -> ExplanationSection {
    let (names, unit) = (table.signature.inputs.map(\.name), table.unit(output: output))
    let rows = dependences.first?.rows ?? 0
    let drawn = min(rows, DependenceStudy.curves)
    let individuals = (0..<drawn).map { $0 * rows / max(drawn, 1) }
    var parts: [any ExplanationPart] = zip(dependences, effects).map { dependence, effects in
      DependenceCurves(
        feature: names[dependence.grid.feature], unit: unit, dependence: dependence, effects: effects,
        output: output, individuals: individuals)
    }
    if let joint = joint {
      parts.append(
        JointHeatmap(
          names: (names[joint.first.feature], names[joint.second.feature]), unit: unit, dependence: joint,
          output: output, labels: (table.labels(joint.first), table.labels(joint.second))))
    }
    return ExplanationSection(
      "Dependences",
      introduction:
        "Predictions while one feature, or a pair of them, is set to quantiles of its values and the others "
        + "stay as they are. Text columns enter as the rank of their value.", [PairedParts(parts)])
  }

  /// The curves in numbers.
  func summary(of table: ExplainedTable, output: Int) -> [TableExplanation.Summary.Dependence] {
    zip(dependences, effects).map { dependence, effects in
      TableExplanation.Summary.Dependence(
        feature: table.signature.inputs[dependence.grid.feature].name, values: dependence.grid.values,
        averages: dependence.curve(output: output), accumulated: effects.curve(output: output))
    }
  }
}

extension ExplainedTable {
  /// The values of a grid: names of categories, or numbers of about four digits.
  fileprivate func labels(_ grid: FeatureGrid) -> [String] {
    let isText = signature.inputs[grid.feature].vocabulary != nil
    return grid.values.map {
      isText ? text(feature: grid.feature, value: $0) : ExplanationPage.number(Double($0))
    }
  }
}
