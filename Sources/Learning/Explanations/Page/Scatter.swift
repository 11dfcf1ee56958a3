import Pages

/// Dots whose colour runs from blue for low values over violet to pink for high ones, grey for missing ones.
struct Scatter {
  /// One dot in the drawing's own coordinates; `level` in 0 ... 1, nil for grey.
  struct Dot {
    var x: Double
    var y: Double
    var level: Double?
  }

  private static let steps = 11

  /// The dots, those of one colour in one path.
  static func markup(_ dots: [Dot], size: Double = 4.6) -> [Markup] {
    var paths = [String](repeating: "", count: steps + 1)
    for dot in dots {
      let step = dot.level.map { Int((min(max($0, 0), 1) * Double(steps - 1)).rounded()) } ?? steps
      paths[step] += "M\(PageText.coordinate(dot.x)) \(PageText.coordinate(dot.y))h0"
    }
    return paths.enumerated().filter { !$0.element.isEmpty }.map { step, path in
      .void(
        "path",
        [
          "d": path, "fill": "none",
          "stroke": step == steps ? "var(--s6)" : colour(Double(step) / Double(steps - 1)),
          "stroke-width": PageText.coordinate(size), "stroke-linecap": "round", "stroke-opacity": "0.75",
        ])
    }
  }

  /// The colour of a level in 0 ... 1.
  static func colour(_ level: Double) -> String {
    let stops: [(Double, Double, Double)] = [(42, 120, 214), (138, 63, 184), (208, 69, 122)]
    let place = min(max(level, 0), 1) * 2
    let first = min(Int(place), 1)
    let share = place - Double(first)
    let (a, b) = (stops[first], stops[first + 1])
    let parts = [a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share, a.2 + (b.2 - a.2) * share]
    return "rgb(\(parts.map { "\(Int($0.rounded()))" }.joined(separator: ",")))"
  }

  /// Share of the finite values that lie below each, half of the equal ones included; nil for missing ones.
  static func levels(_ values: [Float]) -> [Double?] {
    let sorted = values.filter(\.isFinite).sorted()
    guard sorted.count > 1, sorted.first != sorted.last else { return values.map { $0.isFinite ? 0.5 : nil } }
    func below(_ value: Float, orEqual: Bool) -> Int {
      var (low, high) = (0, sorted.count)
      while low < high {
        let middle = (low + high) / 2
        if sorted[middle] < value || (orEqual && sorted[middle] == value) {
          low = middle + 1
        } else {
          high = middle
        }
      }
      return low
    }
    return values.map { value in
      guard value.isFinite else { return nil }
      return Double(below(value, orEqual: false) + below(value, orEqual: true)) / Double(2 * sorted.count)
    }
  }

  /// What the colours mean.
  static func legend(_ name: String) -> Markup {
    .element(
      "ul", ["class": "legend"],
      [("low", colour(0)), ("middle", colour(0.5)), ("high", colour(1)), ("missing", "var(--s6)")].map {
        word, colour in
        .element("li", [:], .element("i", ["style": "background:\(colour)"]), .text("\(word) \(name)"))
      })
  }
}
