/// Horizontal bars, one a row, with the name on the left and the value at the end.
package struct BarPlot {
  /// One row.
  package struct Row {
    let name: String
    let value: Double
    let label: String

    /// A bar of a value and the words at its end.
    package init(name: String, value: Double, label: String) {
      self.name = name
      self.value = value
      self.label = label
    }
  }

  package let id: String
  package let title: String
  package let description: String
  package let rows: [Row]
  package var width = 560.0
  package var names = 190.0
  /// Room for the words at the ends.
  package var labels = 104.0

  /// Bars from top to bottom.
  package init(
    id: String, title: String, description: String, rows: [Row], width: Double = 560, names: Double = 190,
    labels: Double = 104
  ) {
    self.id = id
    self.title = title
    self.description = description
    self.rows = rows
    self.width = width
    self.names = names
    self.labels = labels
  }

  /// Nothing when there is no row.
  package func markup() -> Markup {
    guard !rows.isEmpty else { return .empty }
    let pitch = 21.0
    let canvas = Canvas(
      width: width, height: Double(rows.count) * pitch + 8, left: names, right: labels, top: 4, bottom: 4)
    let largest = rows.map(\.value).filter(\.isFinite).max() ?? 0
    var parts: [Markup] = []
    for (index, row) in rows.enumerated() {
      let y = canvas.top + Double(index) * pitch
      let share = largest > 0 && row.value.isFinite ? min(max(row.value / largest, 0), 1) : 0
      parts.append(
        .element(
          "text",
          ["x": PageText.coordinate(names - 10), "y": PageText.coordinate(y + 14), "text-anchor": "end"],
          .text(PageText.shortened(row.name, Int((names - 14) / 6.4))),
          .element("title", [:], .text(row.name))))
      parts.append(
        .bar(
          names, y + 3, max(share * canvas.innerWidth, share > 0 ? 1.5 : 0), pitch - 7, fill: "var(--s1)",
          tooltip: "\(row.name): \(row.label)"))
      parts.append(.label(row.label, names + share * canvas.innerWidth + 7, y + 14, style: "strong"))
    }
    parts.append(.line(names, canvas.top, names, canvas.height - canvas.bottom, "axis"))
    return canvas.drawing(id: id, title: title, description: description, parts)
  }
}
