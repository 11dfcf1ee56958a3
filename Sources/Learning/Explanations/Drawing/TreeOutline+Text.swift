extension TreeOutline {
  /// The tree as indented lines with branches drawn, no line feed at the end.
  public var text: String {
    var lines = [heading]
    // The bars left of a node: its ancestors that have another child to come.
    var open: [(place: Int, bars: String, isLast: Bool)] = [(0, "", true)]
    while let next = open.popLast() {
      let node = nodes[next.place]
      var line = next.bars
      if node.depth > 0 { line += (next.isLast ? "└─ " : "├─ ") + "\(node.way): " }
      line += node.isLeaf ? node.title : "\(node.title)?"
      if !node.detail.isEmpty { line += "  [\(node.detail)]" }
      if node.isCut { line += " …" }
      lines.append(line)
      let bars = node.depth > 0 ? next.bars + (next.isLast ? "   " : "│  ") : ""
      for (index, child) in node.children.enumerated().reversed() {
        open.append((child, bars, index == node.children.count - 1))
      }
    }
    return lines.joined(separator: "\n")
  }
}
