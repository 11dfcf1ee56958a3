import Pages

/// Curves over time; the first is drawn last and widest, because it is the one that is judged.
struct LinePlot {
  let id: String
  let title: String
  let description: String
  let curves: [Curve]
  /// Writes a value of the axis with the decimals that its ticks need.
  let format: (Double, Int) -> String
  /// Writes what stands at a curve's right end.
  let ending: (Curve) -> String
  var height = 300.0
  /// Whether to fill between the first curve and zero, which then belongs to the axis.
  var isFilled = false

  /// Nothing when there is no point to draw.
  func markup() -> Markup {
    let drawable = curves.map(LinePlot.points).enumerated().filter { !$0.element.isEmpty }
    guard !drawable.isEmpty else { return .empty }
    let canvas = Canvas(width: 1100, height: height, left: 72, right: 76, top: 10)
    let time = TimeAxis(covering: drawable.flatMap { $0.element.map(\.time) })
    var values: [Double] = isFilled ? [0] : []
    for curve in drawable { values += curve.element.map(\.value) }
    let axis = ValueAxis(covering: values, target: height < 220 ? 3 : 5)
    var parts = canvas.valueAxis(axis) { format($0, axis.digits) }
    for tick in time.ticks {
      let x = canvas.x(time.fraction(tick.time))
      parts.append(.line(x, canvas.y(0), x, canvas.y(0) + 4, "axis"))
      let anchor = x > canvas.width - 80 ? "end" : x < canvas.left + 14 ? "start" : "middle"
      parts.append(.label(tick.label, x, canvas.height - 8, anchor: anchor))
    }
    parts.append(.line(canvas.left, canvas.y(0), canvas.width - canvas.right, canvas.y(0), "axis"))
    for (index, points) in drawable.reversed() {
      let places = points.map { (canvas.x(time.fraction($0.time)), canvas.y(axis.fraction($0.value))) }
      let colour = LinePlot.colour(index)
      if isFilled, index == 0 {
        parts.append(
          .void(
            "path",
            ["d": area(places, base: canvas.y(axis.fraction(0))), "fill": colour, "fill-opacity": "0.18"]))
      }
      parts.append(
        .void(
          "path",
          [
            "d": path(places), "fill": "none", "stroke": colour, "stroke-width": index == 0 ? "2" : "1.4",
            "stroke-linejoin": "round", "stroke-dasharray": index >= LinePlot.colours ? "6 3" : "none",
          ]))
      if let last = places.last {
        parts.append(.dot(last.0, last.1, radius: 3.5, fill: colour, tooltip: curves[index].name))
      }
    }
    let ends = drawable.compactMap { index, points in
      points.last.map { (index, canvas.y(axis.fraction($0.value))) }
    }
    parts += endings(ends, canvas)
    return .group([
      legend(drawable.map(\.offset)), canvas.drawing(id: id, title: title, description: description, parts),
    ])
  }

  /// Distinct colours; curves beyond them are dashed.
  static let colours = 6

  static func colour(_ index: Int) -> String { "var(--s\(index % colours + 1))" }

  private func legend(_ indices: [Int]) -> Markup {
    guard indices.count > 1 else { return .empty }
    return .element(
      "ul", ["class": "legend"],
      indices.map { index in
        .element(
          "li", [:], .element("i", ["style": "background:\(LinePlot.colour(index))"]),
          .text(curves[index].name))
      })
  }

  /// The words at the right ends, moved apart so that none covers another.
  private func endings(_ ends: [(Int, Double)], _ canvas: Canvas) -> [Markup] {
    guard ends.count <= 12 else { return [] }
    var places = ends.sorted { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 < $1.1 }
    for index in places.indices.dropFirst() {
      places[index].1 = max(places[index].1, places[index - 1].1 + 14)
    }
    var limit = canvas.y(0)
    for index in places.indices.reversed() {
      places[index].1 = min(places[index].1, limit)
      limit = places[index].1 - 14
    }
    return places.map { index, y in
      .label(ending(curves[index]), canvas.width - canvas.right + 9, y + 4, style: index == 0 ? "strong" : "")
    }
  }

  private static func points(_ curve: Curve) -> [(time: Int64, value: Double)] {
    zip(curve.time, curve.value).filter { $0.1.isFinite }.map { (time: $0.0, value: $0.1) }
  }

  private func path(_ places: [(Double, Double)]) -> String {
    var text = ""
    for (index, place) in places.enumerated() {
      text += "\(index == 0 ? "M" : "L")\(PageText.coordinate(place.0)) \(PageText.coordinate(place.1))"
    }
    return text
  }

  private func area(_ places: [(Double, Double)], base: Double) -> String {
    guard let first = places.first, let last = places.last else { return "" }
    let bottom = PageText.coordinate(base)
    return path(places)
      + "L\(PageText.coordinate(last.0)) \(bottom)L\(PageText.coordinate(first.0)) \(bottom)Z"
  }
}
