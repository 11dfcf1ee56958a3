import Pages

/// A tree drawn from the root on the left to the leaves on the right, one leaf a line.
struct TreeDrawing {
  let outline: TreeOutline
  let id: String

  private static let boxWidth = 196.0
  private static let boxHeight = 36.0
  private static let columnWidth = 286.0
  private static let lineHeight = 44.0

  /// The drawing for a page that carries the house's style sheet.
  func markup() -> Markup {
    let places = layout()
    let bottom = places.map(\.y).max() ?? 0
    let right = places.map(\.x).max() ?? 0
    let (width, height) = (right + TreeDrawing.boxWidth + 8, bottom + TreeDrawing.boxHeight + 8)
    var parts: [Markup] = []
    for (index, node) in outline.nodes.enumerated() {
      for child in node.children {
        parts += edge(from: places[index], to: places[child], outline.nodes[child])
      }
    }
    let largest = outline.nodes.filter(\.isLeaf).map { abs($0.value) }.max() ?? 0
    for (index, node) in outline.nodes.enumerated() {
      parts += box(node, at: places[index], largest: largest)
    }
    let size = (PageText.coordinate(width), PageText.coordinate(height))
    return .element(
      "div", ["class": "canvas"],
      .element(
        "svg",
        [
          "xmlns": "http://www.w3.org/2000/svg", "role": "img", "viewBox": "0 0 \(size.0) \(size.1)",
          "style": "width:\(size.0)px;max-width:none", "aria-labelledby": "\(id)-title \(id)-description",
        ],
        [
          .element("title", ["id": "\(id)-title"], .text(outline.heading)),
          .element(
            "desc", ["id": "\(id)-description"],
            .text("\(outline.leaves) leaves; the root asks \(outline.nodes[0].title).")),
        ] + parts))
  }

  /// Leaves take lines from top to bottom; an inner node stands in the middle of its children.
  private func layout() -> [(x: Double, y: Double)] {
    var places = outline.nodes.map { (x: 4 + Double($0.depth) * TreeDrawing.columnWidth, y: 0.0) }
    var line = 0.0
    for (index, node) in outline.nodes.enumerated() where node.children.isEmpty {
      places[index].y = 4 + line * TreeDrawing.lineHeight
      line += 1
    }
    for index in outline.nodes.indices.reversed() where !outline.nodes[index].children.isEmpty {
      let heights = outline.nodes[index].children.map { places[$0].y }
      places[index].y = heights.reduce(0, +) / Double(heights.count)
    }
    return places
  }

  private func edge(
    from parent: (x: Double, y: Double), to child: (x: Double, y: Double), _ node: TreeOutline.Node
  ) -> [Markup] {
    let (startX, startY) = (parent.x + TreeDrawing.boxWidth, parent.y + TreeDrawing.boxHeight / 2)
    let (endX, endY) = (child.x, child.y + TreeDrawing.boxHeight / 2)
    let middle = startX + 14
    let text = PageText.coordinate
    return [
      .void(
        "path",
        [
          "d": "M\(text(startX)) \(text(startY))H\(text(middle))V\(text(endY))H\(text(endX))", "fill": "none",
          "class": "axis",
        ]),
      .label(node.way, endX - 4, endY - 4, anchor: "end", style: "tiny"),
    ]
  }

  private func box(_ node: TreeOutline.Node, at place: (x: Double, y: Double), largest: Double) -> [Markup] {
    let text = PageText.coordinate
    let (x, y) = (text(place.x), text(place.y))
    let share = largest > 0 ? min(abs(node.value) / largest, 1) : 0
    let fill = node.isLeaf ? (node.value < 0 ? "var(--s1)" : "var(--s5)") : "var(--page)"
    // Hundredths between a tint and a third, so that the words stay readable on it.
    let opacity = node.isLeaf ? "0.\(10 + Int(share * 25))" : "1"
    let title = node.isCut ? node.title + " …" : node.title
    return [
      .element(
        "rect",
        [
          "x": x, "y": y, "width": text(TreeDrawing.boxWidth), "height": text(TreeDrawing.boxHeight),
          "rx": "6",
          "fill": fill, "fill-opacity": opacity, "class": "axis",
        ], .element("title", [:], .text("\(node.title); \(node.detail)"))),
      .label(
        PageText.shortened(title, 30), place.x + 8, place.y + 15, style: node.isLeaf ? "strong" : "cell"),
      .label(PageText.shortened(node.detail, 38), place.x + 8, place.y + 29, style: "tiny"),
    ]
  }
}

extension TreeOutline {
  /// The tree as an SVG file of its own, light or dark as the reader's system prefers.
  public func svg() -> String { TreeDrawing(outline: self, id: "tree").markup().drawingFile() }
}
