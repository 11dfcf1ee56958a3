/// Horizontal bars, one a row, with the name on the left and the value at the end.
struct BarPlot {
  /// One row.
  struct Row {
    let name: String
    let value: Double
    let label: String
  }

  let id: String
  let title: String
  let description: String
  let rows: [Row]
  var width = 560.0
  var names = 190.0

  /// Nothing when there is no row.
  func markup() -> Markup {
    guard !rows.isEmpty else { return .empty }
    let pitch = 21.0
    let canvas = Canvas(
      width: width, height: Double(rows.count) * pitch + 8, left: names, right: 104, top: 4, bottom: 4)
    let largest = rows.map(\.value).filter(\.isFinite).max() ?? 0
    var parts: [Markup] = []
    for (index, row) in rows.enumerated() {
      let y = canvas.top + Double(index) * pitch
      let share = largest > 0 && row.value.isFinite ? min(max(row.value / largest, 0), 1) : 0
      parts.append(
        .element(
          "text",
          ["x": NumberText.coordinate(names - 10), "y": NumberText.coordinate(y + 14), "text-anchor": "end"],
          .text(NumberText.shortened(row.name, Int((names - 14) / 6.4))),
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
