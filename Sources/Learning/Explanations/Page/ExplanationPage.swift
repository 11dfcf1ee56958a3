import Pages

/// One plot or table of an explanation; every kind of model adds its own.
package protocol ExplanationPart: Sendable {
  /// The part for a page. `id` is unique on the page.
  func markup(id: String) -> Markup
}

/// Parts that belong together under a heading.
package struct ExplanationSection: Sendable {
  package var title: String
  package var introduction: String
  package var parts: [any ExplanationPart]

  /// Gathers parts in the order in which they are read.
  package init(_ title: String, introduction: String, _ parts: [any ExplanationPart]) {
    self.title = title
    self.introduction = introduction
    self.parts = parts
  }
}

/// An explanation of a model as one self-contained page.
package struct ExplanationPage: Sendable {
  package var title: String
  package var subtitle: String
  package var sections: [ExplanationSection]

  /// Gathers the sections of a page.
  package init(title: String, subtitle: String, sections: [ExplanationSection]) {
    self.title = title
    self.subtitle = subtitle
    self.sections = sections
  }

  /// A number as the page writes it, with about four digits that matter.
  package static func number(_ value: Double) -> String { PageText.plain(value) }

  /// The page; equal explanations give equal bytes.
  package func html() -> String {
    let parts = sections.enumerated().map { number, section in
      Markup.section(
        section.title, section.introduction,
        section.parts.enumerated().map { $0.element.markup(id: "part-\(number)-\($0.offset)") })
    }
    return Markup.page(
      title: title, subtitle: subtitle, parts,
      footer:
        "A model's explanation says what the model does with its inputs, not what causes what in the world. "
        + "A dash stands for a number that does not exist.")
  }
}

/// Two or more parts side by side where the window is wide enough.
package struct PairedParts: ExplanationPart {
  package var parts: [any ExplanationPart]

  /// Gathers the parts.
  package init(_ parts: [any ExplanationPart]) { self.parts = parts }

  package func markup(id: String) -> Markup {
    guard !parts.isEmpty else { return .empty }
    return .element(
      "div", ["class": "pair"], parts.enumerated().map { $0.element.markup(id: "\(id)-\($0.offset)") })
  }
}

/// Bars with names, longest first.
package struct RankedBars: ExplanationPart {
  package var title: String
  package var note: String
  package var rows: [(name: String, value: Double, remark: String)]

  /// Ranks the rows and keeps the first `limit`; equal values are ordered by name.
  package init(
    _ title: String, note: String, rows: [(name: String, value: Double, remark: String)], limit: Int = 20
  ) {
    self.title = title
    self.note = note
    self.rows = Array(
      rows.sorted { $0.value == $1.value ? $0.name < $1.name : $0.value > $1.value }.prefix(limit))
  }

  package func markup(id: String) -> Markup {
    let labels = rows.map { PageText.plain($0.value) + $0.remark }
    let plot = BarPlot(
      id: id, title: title, description: "Led by \(rows.first?.name ?? "none").",
      rows: zip(rows, labels).map { .init(name: $0.name, value: $0.value, label: $1) },
      labels: max(104, 14 + 7.4 * Double(labels.map(\.count).max() ?? 0)))
    return .figure(title, note, plot.markup(), otherwise: "There is nothing to rank.")
  }
}

/// Names with texts.
package struct FactsTable: ExplanationPart {
  package var title: String
  package var facts: [(String, String)]

  /// Gathers the facts.
  package init(_ title: String, _ facts: [(String, String)]) {
    self.title = title
    self.facts = facts
  }

  package func markup(id: String) -> Markup { PageTable.facts(title, facts) }
}

/// A drawn tree.
package struct TreePart: ExplanationPart {
  package var outline: TreeOutline

  /// Takes a tree in words.
  package init(_ outline: TreeOutline) { self.outline = outline }

  package func markup(id: String) -> Markup {
    .figure(
      outline.heading,
      "\"yes\" leads to the upper child; a leaf's tint shows how much it adds (pink) or takes (blue).",
      TreeDrawing(outline: outline, id: id).markup(), otherwise: "")
  }
}
