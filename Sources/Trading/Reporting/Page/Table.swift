/// A table with a caption and named columns; the first cell of a row is its heading.
struct Table {
  let caption: String
  var note = ""
  let columns: [String]
  let rows: [[String]]
  /// Index of a row to stress.
  var lead: Int?

  /// Nothing when there is no row.
  func markup() -> Markup {
    guard !rows.isEmpty else { return .empty }
    return .element(
      "div", ["class": "scroll", "tabindex": "0"],
      .element(
        "table", [:],
        Table.caption(caption, note),
        .element(
          "thead", [:],
          .element("tr", [:], columns.map { .element("th", ["scope": "col"], .text($0)) })),
        .element("tbody", [:], rows.enumerated().map { row($0.element, isLead: $0.offset == lead) })))
  }

  /// Pairs of a name and a text of any length.
  static func facts(_ caption: String, _ pairs: [(String, String)]) -> Markup {
    guard !pairs.isEmpty else { return .empty }
    return .element(
      "div", ["class": "scroll"],
      .element(
        "table", ["class": "facts"],
        Table.caption(caption, ""),
        .element(
          "tbody", [:],
          pairs.map { name, value in
            .element(
              "tr", [:], .element("th", ["scope": "row"], .text(name)), .element("td", [:], .text(value)))
          })))
  }

  private func row(_ cells: [String], isLead: Bool) -> Markup {
    let children = cells.enumerated().map { index, cell -> Markup in
      guard index == 0 else { return .element("td", [:], .text(cell)) }
      return cell.count > 28
        ? .element("th", ["scope": "row", "class": "long"], .text(cell))
        : .element("th", ["scope": "row"], .text(cell))
    }
    return isLead ? .element("tr", ["class": "lead"], children) : .element("tr", [:], children)
  }

  private static func caption(_ title: String, _ note: String) -> Markup {
    .element("caption", [:], .element("strong", [:], .text(title)), .text(note))
  }
}

extension Markup {
  /// A part of the page under its own heading; nothing when all of it is empty.
  static func section(_ title: String, _ introduction: String = "", _ parts: [Markup]) -> Markup {
    guard parts.contains(where: { !$0.isEmpty }) else { return .empty }
    let words = introduction.isEmpty ? Markup.empty : .element("p", ["class": "soft"], .text(introduction))
    return .element("section", [:], [.element("h2", [:], .text(title)), words] + parts)
  }

  /// A plot with its caption, or a sentence in its place when there is nothing to draw.
  static func figure(_ title: String, _ note: String = "", _ plot: Markup, otherwise: String) -> Markup {
    .element(
      "figure", [:],
      .element("figcaption", [:], .element("strong", [:], .text(title)), .text(plot.isEmpty ? otherwise : note)),
      plot)
  }

  /// Sentences in a frame.
  static func sentences(_ sentences: [String]) -> Markup {
    guard !sentences.isEmpty else { return .empty }
    return .element(
      "div", ["class": "panel words"],
      .element("ul", [:], sentences.map { .element("li", [:], .text($0)) }))
  }
}
