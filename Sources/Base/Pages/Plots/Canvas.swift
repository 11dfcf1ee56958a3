/// The rectangle in which a plot draws its data, within a view box measured in pixels at full size.
package struct Canvas {
  package var width: Double
  package var height: Double
  package var left: Double = 56
  package var right: Double = 16
  package var top: Double = 12
  package var bottom: Double = 28

  /// A view box with room at its sides.
  package init(
    width: Double, height: Double, left: Double = 56, right: Double = 16, top: Double = 12,
    bottom: Double = 28
  ) {
    self.width = width
    self.height = height
    self.left = left
    self.right = right
    self.top = top
    self.bottom = bottom
  }

  package var innerWidth: Double { max(1, width - left - right) }
  package var innerHeight: Double { max(1, height - top - bottom) }

  /// Horizontal place of a fraction of the width.
  package func x(_ fraction: Double) -> Double { left + fraction * innerWidth }

  /// Vertical place of a fraction of the height, from the bottom.
  package func y(_ fraction: Double) -> Double { height - bottom - fraction * innerHeight }

  /// The drawing with a title and description for those who cannot see it. `id` must be unique on the page.
  package func drawing(id: String, title: String, description: String, _ parts: [Markup]) -> Markup {
    .element(
      "div", ["class": "canvas"],
      .element(
        "svg",
        [
          "role": "img", "viewBox": "0 0 \(PageText.coordinate(width)) \(PageText.coordinate(height))",
          "aria-labelledby": "\(id)-title \(id)-description",
        ],
        [
          .element("title", ["id": "\(id)-title"], .text(title)),
          .element("desc", ["id": "\(id)-description"], .text(description)),
        ] + parts))
  }

  /// Horizontal rules with their values on the left.
  package func valueAxis(_ axis: ValueAxis, label: (Double) -> String) -> [Markup] {
    axis.ticks.flatMap { tick -> [Markup] in
      let place = y(axis.fraction(tick))
      return [
        .line(left, place, width - right, place, "grid"),
        .label(label(tick), left - 8, place + 4, anchor: "end"),
      ]
    }
  }
}

extension Markup {
  /// A straight line.
  package static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> Markup
  {
    let text = PageText.coordinate
    return .void("line", ["x1": text(x1), "y1": text(y1), "x2": text(x2), "y2": text(y2), "class": style])
  }

  /// A text at a place.
  package static func label(
    _ words: String, _ x: Double, _ y: Double, anchor: String = "start", style: String = ""
  )
    -> Markup
  {
    let place = PageText.coordinate
    return style.isEmpty
      ? .element("text", ["x": place(x), "y": place(y), "text-anchor": anchor], .text(words))
      : .element("text", ["x": place(x), "y": place(y), "text-anchor": anchor, "class": style], .text(words))
  }

  /// A filled rectangle with a tooltip.
  package static func bar(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String, opacity: Double = 1,
    radius: Double = 2,
    tooltip: String
  ) -> Markup {
    let text = PageText.coordinate
    return .element(
      "rect",
      [
        "x": text(x), "y": text(y), "width": text(max(0, width)), "height": text(max(0, height)),
        "rx": text(radius),
        "fill": fill, "fill-opacity": "0.\(twoDecimals(opacity))",
      ],
      .element("title", [:], .text(tooltip)))
  }

  /// A dot with a tooltip.
  package static func dot(_ x: Double, _ y: Double, radius: Double, fill: String, tooltip: String) -> Markup {
    let text = PageText.coordinate
    return .element(
      "circle", ["cx": text(x), "cy": text(y), "r": text(radius), "fill": fill, "class": "ring"],
      .element("title", [:], .text(tooltip)))
  }

  private static func twoDecimals(_ value: Double) -> String {
    let hundredths = Int((min(max(value.isFinite ? value : 0, 0), 0.99) * 100).rounded())
    return hundredths < 10 ? "0\(hundredths)" : "\(hundredths)"
  }
}
