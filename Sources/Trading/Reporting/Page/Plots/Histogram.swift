import Pages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where one value stands among others.
struct Histogram {
  let id: String
  let title: String
  let description: String
  /// The others, in any order.
  let values: [Double]
  /// The value to mark, and its name.
  let marked: Double
  let markedName: String

  /// Nothing when there is no value.
  func markup() -> Markup {
    let usable = values.filter { $0.isFinite && abs($0) < 1e12 }.sorted()
    guard let lowest = usable.first, let highest = usable.last else { return .empty }
    let canvas = Canvas(width: 1100, height: 250, left: 56, right: 20, top: 26, bottom: 28)
    let hasMark = marked.isFinite && abs(marked) < 1e12
    let axis = ValueAxis(covering: [lowest, highest] + (hasMark ? [marked] : []), target: 8)
    let bins = Histogram.bins(usable, axis)
    var counts = [Int](repeating: 0, count: bins)
    for value in usable { counts[min(max(Int(axis.fraction(value) * Double(bins)), 0), bins - 1)] += 1 }
    let rows = ValueAxis(covering: [0, Double(max(4, counts.max() ?? 0))], target: 4)
    var parts = canvas.valueAxis(rows) { PageText.fixed($0, rows.digits) }
    let digits = max(0, axis.digits - 2)
    for tick in axis.ticks {
      parts.append(
        .label(
          PageText.percent(tick, digits), canvas.x(axis.fraction(tick)), canvas.height - 8, anchor: "middle"
        ))
    }
    for (index, count) in counts.enumerated() where count > 0 {
      let left = canvas.x(Double(index) / Double(bins))
      let right = canvas.x(Double(index + 1) / Double(bins))
      let top = canvas.y(rows.fraction(Double(count)))
      let from = axis.lower + (axis.upper - axis.lower) * Double(index) / Double(bins)
      let to = axis.lower + (axis.upper - axis.lower) * Double(index + 1) / Double(bins)
      parts.append(
        .bar(
          left + 0.75, top, right - left - 1.5, canvas.y(0) - top, fill: "var(--s6)", opacity: 0.75,
          tooltip:
            "\(PageText.percent(from, digits + 1)) to \(PageText.percent(to, digits + 1)): \(count)"))
    }
    parts.append(.line(canvas.left, canvas.y(0), canvas.width - canvas.right, canvas.y(0), "axis"))
    if hasMark {
      let x = canvas.x(axis.fraction(marked))
      let isRight = axis.fraction(marked) > 0.75
      parts.append(.line(x, canvas.top - 12, x, canvas.y(0), "marker"))
      parts.append(
        .label(
          "\(PageText.shortened(markedName, 40)) \(PageText.change(marked, digits + 1))",
          isRight ? x - 7 : x + 7,
          canvas.top - 4, anchor: isRight ? "end" : "start", style: "strong"))
    }
    return canvas.drawing(id: id, title: title, description: description, parts)
  }

  /// Freedman and Diaconis' width 2·IQR/n^⅓, held between 12 and 60 bins over the axis.
  private static func bins(_ sorted: [Double], _ axis: ValueAxis) -> Int {
    let spread = sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]
    let width = 2 * spread / cbrt(Double(sorted.count))
    guard width > 0 else { return 24 }
    return Int(min(max((axis.upper - axis.lower) / width, 12), 60))
  }
}
