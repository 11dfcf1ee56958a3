import Pages

/// A confusion matrix: labels in rows, predictions in columns, each cell tinted by its share of the row.
struct Heatmap {
  let id: String
  let title: String
  let description: String
  let names: [String]
  let counts: [[Double]]

  /// Nothing when there is no class.
  func markup() -> Markup {
    guard !names.isEmpty else { return .empty }
    let size = Double(names.count)
    let rowHeight = names.count > 4 ? 42.0 : 58
    let canvas = Canvas(width: 560, height: 56 + size * rowHeight, left: 132, right: 8, top: 52, bottom: 4)
    let cell = canvas.innerWidth / size
    var parts: [Markup] = [
      .label("predicted", canvas.x(0.5), 12, anchor: "middle"),
      .label("label", canvas.left - 10, 44, anchor: "end"),
    ]
    for (index, name) in names.enumerated() {
      let lines = Heatmap.lines(name, length: max(3, Int(cell / 6.0)))
      for (line, words) in lines.enumerated() {
        let y = lines.count == 1 ? 42.0 : 32 + Double(line) * 12
        parts.append(
          .label(
            words, canvas.left + (Double(index) + 0.5) * cell, y, anchor: "middle",
            style: names.count > 4 ? "tiny" : ""))
      }
    }
    for row in names.indices {
      let values = names.indices.map { value(row, $0) }
      let total = values.reduce(0, +)
      let y = canvas.top + Double(row) * rowHeight
      parts.append(
        .element(
          "text",
          [
            "x": PageText.coordinate(canvas.left - 10), "y": PageText.coordinate(y + rowHeight / 2 + 4),
            "text-anchor": "end",
          ],
          .text(PageText.shortened(names[row], 17)), .element("title", [:], .text(names[row]))))
      for (column, count) in values.enumerated() {
        let share = total > 0 ? count / total : nil
        let x = canvas.left + Double(column) * cell
        parts.append(
          .bar(
            x + 1, y + 1, cell - 2, rowHeight - 2, fill: "var(--heat)", opacity: 0.05 + 0.9 * (share ?? 0),
            radius: 4,
            tooltip: "label \(names[row]), predicted \(names[column]): \(Heatmap.count(count)) "
              + "(\(PageText.percent(share, 1)) of the label)"))
        parts.append(
          .label(
            PageText.percent(share, 0), x + cell / 2, y + rowHeight / 2 - 2, anchor: "middle",
            style: "strong"))
        parts.append(
          .label(
            Heatmap.count(count), x + cell / 2, y + rowHeight / 2 + 12, anchor: "middle",
            style: "tiny cell"))
      }
    }
    return canvas.drawing(id: id, title: title, description: description, parts)
  }

  private func value(_ row: Int, _ column: Int) -> Double {
    guard counts.indices.contains(row), counts[row].indices.contains(column) else { return 0 }
    let count = counts[row][column]
    return count.isFinite ? max(0, count) : 0
  }

  /// Counts are whole unless samples are weighted.
  static func count(_ value: Double) -> String { PageText.fixed(value, value == value.rounded() ? 0 : 1) }

  /// A name on one line, or on two when it has a place to break.
  static func lines(_ name: String, length: Int) -> [String] {
    guard name.count > length else { return [name] }
    guard let gap = name.firstIndex(where: { $0 == "_" || $0 == " " || $0 == "-" }) else {
      return [PageText.shortened(name, length)]
    }
    let head = String(name[..<gap])
    let tail = String(name[name.index(after: gap)...])
    return [head, tail].filter { !$0.isEmpty }.map { PageText.shortened($0, length) }
  }
}
