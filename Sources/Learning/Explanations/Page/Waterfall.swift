import Pages

/// How one row's margin comes about: from the expected margin, or another start, through what its features add.
package struct Waterfall: ExplanationPart {
  /// One step.
  package struct Step: Sendable {
    package var name: String
    package var value: Double
  }

  package var title: String
  package var note: String
  package var expected: Double
  package var steps: [Step]
  package var start: String

  /// Orders the features by the size of their values and sums those behind the first `limit` up.
  /// - Parameter start: what the way begins with.
  package init(
    _ title: String, note: String, expected: Double, features: [(name: String, value: Double)],
    limit: Int = 14, start: String = "expected margin"
  ) {
    self.start = start
    self.title = title
    self.note = note
    self.expected = expected
    let ranked = features.enumerated().sorted {
      let (a, b) = (abs($0.element.value), abs($1.element.value))
      return a == b ? $0.offset < $1.offset : a > b
    }.map { Step(name: $0.element.name, value: $0.element.value) }
    steps = Array(ranked.prefix(limit))
    let rest = ranked.dropFirst(limit)
    if !rest.isEmpty {
      steps.append(Step(name: "\(rest.count) other features", value: rest.reduce(0) { $0 + $1.value }))
    }
  }

  package func markup(id: String) -> Markup {
    let pitch = 26.0
    var levels = [expected]
    for step in steps { levels.append((levels.last ?? 0) + step.value) }
    let result = levels.last ?? expected
    let canvas = Canvas(
      width: 1100, height: Double(steps.count + 2) * pitch + 34, left: 300, right: 90, top: 6, bottom: 28)
    let axis = ValueAxis(covering: levels, target: 7)
    var parts: [Markup] = []
    for tick in axis.ticks {
      let x = canvas.x(axis.fraction(tick))
      parts.append(.line(x, canvas.top, x, canvas.y(0), "grid"))
      parts.append(.label(PageText.fixed(tick, axis.digits), x, canvas.height - 8, anchor: "middle"))
    }
    func name(_ text: String, _ line: Int, _ style: String) -> Markup {
      .label(
        PageText.shortened(text, 44), canvas.left - 10, canvas.top + Double(line) * pitch + 17, anchor: "end",
        style: style)
    }
    func level(_ value: Double, _ line: Int) -> [Markup] {
      let x = canvas.x(axis.fraction(value))
      let y = canvas.top + Double(line) * pitch
      return [
        .line(x, y + 3, x, y + pitch - 3, "marker"),
        .label(PageText.plain(value), x + 7, y + 17, style: "strong"),
      ]
    }
    parts.append(name(start, 0, ""))
    parts += level(expected, 0)
    for (index, step) in steps.enumerated() {
      let (from, to) = (canvas.x(axis.fraction(levels[index])), canvas.x(axis.fraction(levels[index + 1])))
      let y = canvas.top + Double(index + 1) * pitch
      parts.append(name(step.name, index + 1, ""))
      parts.append(
        .bar(
          min(from, to), y + 4, max(abs(to - from), 1), pitch - 8,
          fill: step.value < 0 ? "var(--s1)" : "var(--s5)",
          tooltip: "\(step.name): \(PageText.plain(step.value))"))
      parts.append(.line(to, y + 4, to, y + pitch + 4, "axis"))
      parts.append(
        .label((step.value > 0 ? "+" : "") + PageText.plain(step.value), max(from, to) + 7, y + 17))
    }
    parts.append(name("margin", steps.count + 1, "strong"))
    parts += level(result, steps.count + 1)
    return .figure(
      title, note,
      canvas.drawing(
        id: id, title: title,
        description: "From \(PageText.plain(expected)) to \(PageText.plain(result)).", parts), otherwise: "")
  }
}
