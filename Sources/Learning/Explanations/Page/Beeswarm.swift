import Pages

/// The Shapley values of all rows, a line for each feature, coloured by the feature's value.
package struct Beeswarm: ExplanationPart {
  /// One feature's line.
  package struct Line: Sendable {
    package var name: String
    package var values: [Double]
    package var inputs: [Float]

    /// Shapley values and the inputs they belong to, both (row).
    package init(name: String, values: [Double], inputs: [Float]) {
      self.name = name
      self.values = values
      self.inputs = inputs
    }
  }

  package var title: String
  package var note: String
  package var lines: [Line]
  package var measure: String

  /// Lines from top to bottom.
  /// - Parameter measure: what the values are.
  package init(_ title: String, note: String, lines: [Line], measure: String = "Shapley value") {
    self.title = title
    self.note = note
    self.lines = lines
    self.measure = measure
  }

  package func markup(id: String) -> Markup {
    let pitch = 36.0
    let canvas = Canvas(
      width: 1100, height: Double(lines.count) * pitch + 44, left: 210, right: 24, top: 6, bottom: 38)
    let axis = ValueAxis(tightly: [0] + lines.flatMap(\.values), target: 8)
    var parts: [Markup] = []
    for tick in axis.ticks {
      let x = canvas.x(axis.fraction(tick))
      parts.append(.line(x, canvas.top, x, canvas.y(0), tick == 0 ? "axis" : "grid"))
      parts.append(.label(PageText.fixed(tick, axis.digits), x, canvas.height - 20, anchor: "middle"))
    }
    parts.append(
      .label("\(measure), added to the margin", canvas.x(0.5), canvas.height - 4, anchor: "middle"))
    var dots: [Scatter.Dot] = []
    for (index, line) in lines.enumerated() {
      let middle = canvas.top + (Double(index) + 0.5) * pitch
      parts.append(
        .element(
          "text",
          [
            "x": PageText.coordinate(canvas.left - 10), "y": PageText.coordinate(middle + 4),
            "text-anchor": "end",
          ], .text(PageText.shortened(line.name, 30)), .element("title", [:], .text(line.name))))
      parts.append(.line(canvas.left, middle, canvas.width - canvas.right, middle, "grid"))
      dots += Beeswarm.dots(line, canvas, axis, middle: middle, room: pitch / 2 - 3)
    }
    let drawing =
      lines.isEmpty
      ? Markup.empty
      : canvas.drawing(
        id: id, title: title, description: "\(lines.count) features, \(lines[0].values.count) rows each.",
        parts + Scatter.markup(dots))
    return .figure(
      title, note, .group([lines.isEmpty ? .empty : Scatter.legend("value"), drawing]),
      otherwise: "There is no row to explain.")
  }

  /// Dots that would cover each other are stacked away from the middle, in turn above and below.
  private static func dots(
    _ line: Line, _ canvas: Canvas, _ axis: ValueAxis, middle: Double, room: Double
  ) -> [Scatter.Dot] {
    let levels = Scatter.levels(line.inputs)
    let columns = line.values.map { Int((canvas.x(axis.fraction($0)) / 3).rounded()) }
    var heights: [Int: Int] = [:]
    for column in columns { heights[column, default: 0] += 1 }
    let step = min(4.2, 2 * room / Double(max(heights.values.max() ?? 1, 1)))
    var stacked: [Int: Int] = [:]
    return line.values.indices.map { row in
      let place = stacked[columns[row], default: 0]
      stacked[columns[row]] = place + 1
      let offset = Double((place + 1) / 2) * (place % 2 == 0 ? step : -step)
      return Scatter.Dot(
        x: canvas.x(axis.fraction(line.values[row])), y: middle + offset, level: levels[row])
    }
  }
}

/// One feature's Shapley values against its inputs, coloured by the feature it interacts with most.
package struct DependenceScatter: ExplanationPart {
  package var feature: String
  package var partner: String?
  package var inputs: [Float]
  package var values: [Double]
  package var partnerInputs: [Float]
  package var measure: String

  /// - Parameters:
  ///   - values: the feature's Shapley values, (row).
  ///   - partner: name and inputs of the feature that colours the dots.
  ///   - measure: what the values are.
  package init(
    feature: String, inputs: [Float], values: [Double], partner: (name: String, inputs: [Float])?,
    measure: String = "Shapley value"
  ) {
    self.measure = measure
    self.feature = feature
    self.inputs = inputs
    self.values = values
    self.partner = partner?.name
    partnerInputs = partner?.inputs ?? []
  }

  package func markup(id: String) -> Markup {
    let title = "Dependence on \(feature)"
    let canvas = Canvas(width: 560, height: 340, left: 62, right: 16, top: 12, bottom: 44)
    let usable = inputs.indices.filter { inputs[$0].isFinite }
    guard !usable.isEmpty else {
      return .figure(title, "", .empty, otherwise: "The feature is missing in every row.")
    }
    let across = ValueAxis(tightly: usable.map { Double(inputs[$0]) })
    let up = ValueAxis(tightly: [0] + usable.map { values[$0] })
    var parts = canvas.valueAxis(up) { PageText.fixed($0, up.digits) }
    parts += canvas.inputAxis(across, name: feature)
    let levels = partnerInputs.isEmpty ? inputs.map { _ in 0.0 as Double? } : Scatter.levels(partnerInputs)
    parts += Scatter.markup(
      usable.map {
        .init(
          x: canvas.x(across.fraction(Double(inputs[$0]))), y: canvas.y(up.fraction(values[$0])),
          level: levels[$0])
      })
    let drawing = canvas.drawing(
      id: id, title: title, description: "\(usable.count) rows with a value.", parts)
    let missing = inputs.count - usable.count
    return .figure(
      title,
      "\(measure) against the feature's value"
        + (partner.map { "; colour: \($0), its strongest interaction" } ?? "")
        + (missing > 0 ? "; \(missing) rows without a value are left out" : "") + ".",
      .group([partner.map { Scatter.legend($0) } ?? .empty, drawing]), otherwise: "")
  }
}

extension Canvas {
  /// Ticks below the drawing, their values and the name of what they measure.
  func inputAxis(_ axis: ValueAxis, name: String) -> [Markup] {
    var parts: [Markup] = [line(left, y(0), width - right, y(0))]
    for tick in axis.ticks {
      let x = x(axis.fraction(tick))
      parts.append(.line(x, y(0), x, y(0) + 4, "axis"))
      parts.append(.label(PageText.fixed(tick, axis.digits), x, height - 24, anchor: "middle"))
    }
    parts.append(.label(PageText.shortened(name, 60), self.x(0.5), height - 6, anchor: "middle"))
    return parts
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> Markup {
    .line(x1, y1, x2, y2, "axis")
  }
}
