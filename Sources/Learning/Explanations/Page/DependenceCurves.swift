import Pages

/// Mean prediction over a grid of one feature, with single rows' curves behind it and the accumulated local effects beside.
package struct DependenceCurves: ExplanationPart {
  package var feature: String
  package var unit: String
  package var dependence: PartialDependence
  package var effects: AccumulatedEffects?
  package var output: Int
  /// Rows whose own curves are drawn.
  package var individuals: [Int]

  /// - Parameter unit: what the predictions are, for example "probability of 1".
  package init(
    feature: String, unit: String, dependence: PartialDependence, effects: AccumulatedEffects?, output: Int,
    individuals: [Int]
  ) {
    self.feature = feature
    self.unit = unit
    self.dependence = dependence
    self.effects = effects
    self.output = output
    self.individuals = individuals
  }

  package func markup(id: String) -> Markup {
    let title = "Partial dependence on \(feature)"
    let canvas = Canvas(width: 560, height: 320, left: 62, right: 16, top: 12, bottom: 44)
    let mean = dependence.curve(output: output)
    let own = individuals.map { dependence.curve(row: $0, output: output) }
    // Effects have mean zero; the mean prediction is their level on this plot.
    let level = mean.reduce(0, +) / Double(max(mean.count, 1))
    let accumulated = effects?.curve(output: output).map { $0 + level } ?? []
    let across = ValueAxis(tightly: dependence.grid.values.map(Double.init))
    let up = ValueAxis(tightly: mean + accumulated + own.flatMap { $0 })
    var parts = canvas.valueAxis(up) { PageText.fixed($0, up.digits) }
    parts += canvas.inputAxis(across, name: feature)
    func path(_ curve: [Double], _ stroke: String, _ width: String, _ opacity: String, _ dashes: String)
      -> Markup
    {
      var text = ""
      for (index, value) in curve.enumerated() {
        let x = PageText.coordinate(canvas.x(across.fraction(Double(dependence.grid.values[index]))))
        text += "\(index == 0 ? "M" : "L")\(x) \(PageText.coordinate(canvas.y(up.fraction(value))))"
      }
      return .void(
        "path",
        [
          "d": text, "fill": "none", "stroke": stroke, "stroke-width": width, "stroke-opacity": opacity,
          "stroke-dasharray": dashes, "stroke-linejoin": "round",
        ])
    }
    parts += own.map { path($0, "var(--s6)", "0.8", "0.35", "none") }
    if !accumulated.isEmpty { parts.append(path(accumulated, "var(--s2)", "1.6", "1", "5 3")) }
    parts.append(path(mean, "var(--s1)", "2.4", "1", "none"))
    let description =
      "From \(PageText.plain(mean.first)) to \(PageText.plain(mean.last)) over \(mean.count) points."
    return .figure(
      title,
      "Blue: mean \(unit) of \(PageText.count(dependence.rows)) rows with \(feature) set to each value"
        + (own.isEmpty ? "" : "; grey: \(own.count) single rows")
        + (accumulated.isEmpty ? "" : "; dashed: accumulated local effects, raised to the same level") + ".",
      canvas.drawing(id: id, title: title, description: description, parts), otherwise: "")
  }
}

/// Mean prediction over a grid of two features, as tints.
package struct JointHeatmap: ExplanationPart {
  package var names: (first: String, second: String)
  package var unit: String
  package var dependence: JointDependence
  package var output: Int

  /// The values of both grids in words.
  package var labels: (first: [String], second: [String])

  /// - Parameters:
  ///   - unit: what the predictions are.
  ///   - labels: the values of both grids in words.
  package init(
    names: (first: String, second: String), unit: String, dependence: JointDependence, output: Int,
    labels: (first: [String], second: [String])
  ) {
    precondition(
      labels.first.count == dependence.first.values.count
        && labels.second.count == dependence.second.values.count, "every value of a grid needs a label")
    self.labels = labels
    self.names = names
    self.unit = unit
    self.dependence = dependence
    self.output = output
  }

  package func markup(id: String) -> Markup {
    let title = "Partial dependence on \(names.first) and \(names.second)"
    let canvas = Canvas(width: 560, height: 340, left: 84, right: 16, top: 12, bottom: 44)
    let (columns, rows) = (dependence.first.values, dependence.second.values)
    let all = columns.indices.flatMap { i in rows.indices.map { dependence.value(i, $0, output: output) } }
    let (low, high) = (all.min() ?? 0, all.max() ?? 0)
    let (width, height) = (
      canvas.innerWidth / Double(columns.count), canvas.innerHeight / Double(rows.count)
    )
    var parts: [Markup] = []
    for i in columns.indices {
      for j in rows.indices {
        let value = dependence.value(i, j, output: output)
        parts.append(
          .bar(
            canvas.left + Double(i) * width, canvas.y(0) - Double(j + 1) * height, width + 0.4, height + 0.4,
            fill: Scatter.colour(high > low ? (value - low) / (high - low) : 0.5), radius: 0,
            tooltip: [
              names.first, labels.first[i] + ",", names.second, labels.second[j] + ":", PageText.plain(value),
            ]
            .joined(separator: " ")
          ))
      }
    }
    for i in stride(from: 0, to: columns.count, by: max(1, columns.count / 5)) {
      parts.append(
        .label(
          PageText.shortened(labels.first[i], 12), canvas.left + (Double(i) + 0.5) * width,
          canvas.height - 26,
          anchor: "middle"))
    }
    for j in stride(from: 0, to: rows.count, by: max(1, rows.count / 6)) {
      parts.append(
        .label(
          PageText.shortened(labels.second[j], 12), canvas.left - 8,
          canvas.y(0) - (Double(j) + 0.5) * height + 4,
          anchor: "end"))
    }
    parts.append(
      .label(PageText.shortened(names.first, 40), canvas.x(0.5), canvas.height - 6, anchor: "middle"))
    return .figure(
      title,
      "Across: \(names.first); up: \(names.second), both at quantiles. Mean \(unit) from "
        + "\(PageText.plain(low)) (blue) to \(PageText.plain(high)) (pink).",
      canvas.drawing(
        id: id, title: title, description: "\(columns.count) by \(rows.count) pairs of values.", parts),
      otherwise: "")
  }
}
