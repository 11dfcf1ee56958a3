/// A table with a caption and named columns; the first cell of a row is its heading.
package struct PageTable {
  package let caption: String
  package var note = ""
  package let columns: [String]
  package let rows: [[String]]
  /// Index of a column to stress.
  package var leadColumn: Int?
  /// Whether many columns share the width.
  package var isDense = false

  /// A table of texts.
  package init(
    caption: String, note: String = "", columns: [String], rows: [[String]], leadColumn: Int? = nil,
    isDense: Bool = false
  ) {
    self.caption = caption
    self.note = note
    self.columns = columns
    self.rows = rows
    self.leadColumn = leadColumn
    self.isDense = isDense
  }

  /// Nothing when there is no row.
  package func markup() -> Markup {
    guard !rows.isEmpty else { return .empty }
    return .element(
      "div", ["class": "scroll", "tabindex": "0"],
      .element(
        "table", ["class": isDense ? "dense" : "plain"],
        PageTable.caption(caption, note),
        .element(
          "thead", [:],
          .element("tr", [:], columns.map { .element("th", ["scope": "col"], .text($0)) })),
        .element("tbody", [:], rows.map(row))))
  }

  /// Pairs of a name and a text of any length.
  package static func facts(_ caption: String, _ pairs: [(String, String)]) -> Markup {
    guard !pairs.isEmpty else { return .empty }
    return .element(
      "div", ["class": "scroll"],
      .element(
        "table", ["class": "facts"],
        PageTable.caption(caption, ""),
        .element(
          "tbody", [:],
          pairs.map { name, value in
            .element(
              "tr", [:], .element("th", ["scope": "row"], .text(name)), .element("td", [:], .text(value)))
          })))
  }

  private func row(_ cells: [String]) -> Markup {
    .element(
      "tr", [:],
      cells.enumerated().map { index, cell in
        if index == 0 {
          return .element("th", ["scope": "row", "class": cell.count > 28 ? "long" : "short"], .text(cell))
        }
        if index == leadColumn { return .element("td", ["class": "lead"], .text(cell)) }
        // A pair of dates may break between them where room is short.
        return isDense && cell.count > 20
          ? .element("td", ["class": "broken"], .text(cell)) : .element("td", [:], .text(cell))
      })
  }

  private static func caption(_ title: String, _ note: String) -> Markup {
    .element("caption", [:], .element("strong", [:], .text(title)), .text(note))
  }
}

extension Markup {
  /// A part of the page under its own heading; nothing when all of it is empty.
  package static func section(_ title: String, _ introduction: String = "", _ parts: [Markup]) -> Markup {
    guard parts.contains(where: { !$0.isEmpty }) else { return .empty }
    let words = introduction.isEmpty ? Markup.empty : .element("p", ["class": "soft"], .text(introduction))
    return .element("section", [:], [.element("h2", [:], .text(title)), words] + parts)
  }

  /// A plot with its caption, or a sentence in its place when there is nothing to draw.
  package static func figure(_ title: String, _ note: String = "", _ plot: Markup, otherwise: String)
    -> Markup
  {
    .element(
      "figure", [:],
      .element(
        "figcaption", [:], .element("strong", [:], .text(title)), .text(plot.isEmpty ? otherwise : note)),
      plot)
  }

  /// Sentences in a frame.
  package static func sentences(_ sentences: [String]) -> Markup {
    guard !sentences.isEmpty else { return .empty }
    return .element(
      "div", ["class": "panel words"],
      .element("ul", [:], sentences.map { .element("li", [:], .text($0)) }))
  }
}
