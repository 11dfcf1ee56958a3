import Evaluation
import Pages

/// How often predictions come true against how sure they were, with the number of rows below.
struct ReliabilityPlot {
  let id: String
  let title: String
  let description: String
  let table: ReliabilityTable
  /// Confidence from which decisions act.
  let threshold: Double

  /// Nothing when no bin holds a row.
  func markup() -> Markup {
    let bins = table.bins.filter { $0.count > 0 }
    guard !bins.isEmpty else { return .empty }
    let canvas = Canvas(width: 560, height: 420, left: 60, right: 20, top: 30, bottom: 128)
    let axis = ValueAxis(covering: [0, 1])
    var parts = canvas.valueAxis(axis) { PageText.percent($0, 0) }
    parts.append(.label("observed", canvas.left - 8, 12, anchor: "end"))
    for tick in axis.ticks {
      parts.append(.label(PageText.percent(tick, 0), canvas.x(tick), canvas.y(0) + 18, anchor: "middle"))
    }
    parts.append(.line(canvas.left, canvas.y(0), canvas.width - canvas.right, canvas.y(0), "axis"))
    parts.append(.line(canvas.x(0), canvas.y(0), canvas.x(1), canvas.y(1), "guide"))
    var places: [(x: Double, y: Double, bin: ReliabilityBin)] = []
    for bin in bins {
      guard let predicted = bin.meanPredicted, let observed = bin.observed, predicted.isFinite,
        observed.isFinite
      else { continue }
      places.append((canvas.x(min(max(predicted, 0), 1)), canvas.y(min(max(observed, 0), 1)), bin))
    }
    let line = places.enumerated().map {
      "\($0.offset == 0 ? "M" : "L")\(PageText.coordinate($0.element.x)) \(PageText.coordinate($0.element.y))"
    }
    parts.append(
      .void("path", ["d": line.joined(), "fill": "none", "stroke": "var(--s1)", "stroke-width": "2"]))
    for place in places {
      parts.append(
        .dot(
          place.x, place.y, radius: 5, fill: "var(--s1)",
          tooltip: "confidence \(PageText.percent(place.bin.meanPredicted, 1)), observed "
            + "\(PageText.percent(place.bin.observed, 1)), \(PageText.count(place.bin.count)) rows"))
    }
    parts += counts(bins, canvas)
    if threshold.isFinite, (0...1).contains(threshold) {
      let x = canvas.x(threshold)
      parts.append(.line(x, canvas.top - 18, x, canvas.height - 22, "threshold"))
      parts.append(
        .label(
          "threshold \(PageText.percent(threshold, 0))", threshold > 0.7 ? x - 6 : x + 6, canvas.top - 8,
          anchor: threshold > 0.7 ? "end" : "start", style: "strong"))
    }
    return canvas.drawing(id: id, title: title, description: description, parts)
  }

  private func counts(_ bins: [ReliabilityBin], _ canvas: Canvas) -> [Markup] {
    let base = canvas.height - 22
    let height = 58.0
    let largest = Double(bins.map(\.count).max() ?? 1)
    var parts: [Markup] = [
      .line(canvas.left, base, canvas.width - canvas.right, base, "axis"),
      .label("rows", canvas.left - 8, base - 2, anchor: "end"),
      .label("confidence", canvas.x(0.5), canvas.height - 5, anchor: "middle"),
    ]
    for bin in bins {
      let left = canvas.x(min(max(bin.lower.isFinite ? bin.lower : 0, 0), 1))
      let right = canvas.x(min(max(bin.upper.isFinite ? bin.upper : 1, 0), 1))
      let size = max(1, Double(bin.count) / largest * height)
      parts.append(
        .bar(
          left + 1, base - size, right - left - 2, size, fill: "var(--s6)", opacity: 0.7,
          tooltip: "\(PageText.percent(bin.lower, 1)) to \(PageText.percent(bin.upper, 1)): "
            + "\(PageText.count(bin.count)) rows"))
      if right - left > 20 {
        parts.append(
          .label(
            PageText.compact(bin.count), (left + right) / 2, base - size - 4, anchor: "middle",
            style: "tiny"))
      }
    }
    return parts
  }
}
