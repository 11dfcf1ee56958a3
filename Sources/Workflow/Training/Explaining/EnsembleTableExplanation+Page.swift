import Explanations

extension EnsembleTableExplanation {
  /// The page; it depends on model, table and request alone.
  public func html() -> String {
    ExplanationPage(
      title: "Explanation of an ensemble of \(members.map(\.model).joined(separator: " and "))",
      subtitle: "\(request.data) · \(table.rowNumbers.count) rows · \(names.count) features · target "
        + table.signature.target + (className.map { " · class \($0)" } ?? ""),
      sections: [importanceSection, memberSection, study.section(of: table, output: output)]
    ).html()
  }

  private var names: [String] { table.signature.inputs.map(\.name) }

  private var importanceSection: ExplanationSection {
    let magnitudes = shifts.magnitudes
    var parts: [any ExplanationPart] = [
      RankedBars(
        "Shift of predictions",
        note:
          "The share of the probability that changes classes when the column is shuffled, mean of all rows.",
        rows: ranking.map { (names[$0], magnitudes[$0], "") })
    ]
    if let permutation = shifts.permutation {
      parts.append(table.bars(permutation, metric: metricName, repeats: request.repeats))
    }
    return ExplanationSection(
      "Importances",
      introduction:
        "Shifts speak of the ensemble's output, permutation of its accuracy. Both look at the blend as a "
        + "whole, \(request.repeats) shuffles of each column.", [PairedParts(parts)])
  }

  private var memberSection: ExplanationSection {
    let unit = table.unit(output: output)
    var parts: [any ExplanationPart] = [
      RankedBars(
        "Row \(table.singleNumber)", note: "\(unit.prefix(1).uppercased())\(unit.dropFirst()).",
        rows: bars(whole: singlePrediction[output]) { $0.single[output] })
    ]
    if let permutation = shifts.permutation {
      parts.append(
        RankedBars(
          metricName, note: "Of each member's own predictions, and of the blended ones.",
          rows: bars(whole: permutation.baseline) { $0.metric }))
    }
    let word = blend == .weighted ? "weights" : "slopes"
    let weights = members.enumerated().map { "\(name($0, $1)) \(ExplanationPage.number($1.weight))" }
    return ExplanationSection(
      "Members",
      introduction:
        "The blend is \(blend.rawValue), its \(word): \(weights.joined(separator: ", ")). What a member sees in "
        + "each row is on a page of its own: tern explain --member, counted from 0.", [PairedParts(parts)])
  }

  /// A bar for each member that has a value and one for the whole.
  private func bars(
    whole: Double, _ value: (Member) -> Double?
  ) -> [(name: String, value: Double, remark: String)] {
    members.enumerated().compactMap { place, member in value(member).map { (name(place, member), $0, "") } }
      + [("ensemble", whole, "")]
  }

  private func name(_ place: Int, _ member: Member) -> String { "\(place) \(member.model)" }
}
