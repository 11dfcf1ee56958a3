import Trees

extension ObliviousTree {
  /// A tree of inner nodes as ordinary ones, in the order in which they are met from above.
  func branchNodes(output: Int, test: (ObliviousSplit) -> TreeNode) -> [TreeNode] {
    let children = structure.children
    // Inner nodes by their number, leaves as -1 minus theirs.
    var queue = [children.isEmpty ? -1 : 0]
    var nodes: [TreeNode] = []
    while nodes.count < queue.count {
      let item = queue[nodes.count]
      guard item >= 0 else {
        let leaf = -1 - item
        nodes.append(
          TreeNode(
            exactValue: values[output * leafCount + leaf], cover: Float(weights[leaf]), count: counts[leaf]))
        continue
      }
      var node = test(splits[item])
      node.left = Int32(queue.count)
      node.right = Int32(queue.count + 1)
      queue += [children[item].left, children[item].right]
      nodes.append(node)
    }
    summarise(&nodes, queue, output: output)
    return nodes
  }

  /// Gives inner nodes the weight, count and mean value of what is below them, and their gains.
  private func summarise(_ nodes: inout [TreeNode], _ items: [Int], output: Int) {
    var sums = [(value: Double, weight: Double)](repeating: (0, 0), count: nodes.count)
    for index in nodes.indices.reversed() {
      guard items[index] >= 0 else {
        let leaf = -1 - items[index]
        sums[index] = (values[output * leafCount + leaf], weights[leaf])
        continue
      }
      let (left, right) = (Int(nodes[index].left), Int(nodes[index].right))
      let (a, b) = (sums[left], sums[right])
      let weight = a.weight + b.weight
      let value = weight > 0 ? (a.value * a.weight + b.value * b.weight) / weight : 0
      sums[index] = (value, weight)
      nodes[index].value = Float(value)
      nodes[index].cover = Float(weight)
      nodes[index].count = nodes[left].count + nodes[right].count
      nodes[index].gain = Float(
        a.weight * a.value * a.value + b.weight * b.value * b.value - weight * value * value)
    }
  }
}
