import Diagnostics
import Trees

/// Turns a tree whose nodes lie in any order into one whose parents come before their children.
enum TreeAssembler {
  /// One node of the source and the source numbers of its children; nil for a leaf.
  typealias Step = (node: TreeNode, children: (left: Int, right: Int)?)

  /// Walks a tree breadth first.
  ///
  /// - Parameters:
  ///   - root: source number of the root.
  ///   - limit: how many nodes the source has; a walk that meets more goes in circles.
  ///   - place: the tree's own place, for errors.
  ///   - step: reads one node of the source, whose number it must check.
  /// - Throws: `TernError(.data)` for more nodes than the source has, and whatever `step` throws.
  static func assemble(
    root: Int = 0, limit: Int, place: @autoclosure () -> Located, step: (Int) throws(TernError) -> Step
  ) throws(TernError) -> [TreeNode] {
    var queue = [root]
    var nodes: [TreeNode] = []
    while nodes.count < queue.count {
      var (node, children) = try step(queue[nodes.count])
      if let children {
        guard queue.count + 2 <= limit else {
          throw place().error("a node is the child of two", expected: "a tree of \(limit) nodes")
        }
        node.left = Int32(truncatingIfNeeded: queue.count)
        node.right = Int32(truncatingIfNeeded: queue.count + 1)
        queue.append(children.left)
        queue.append(children.right)
      }
      nodes.append(node)
    }
    return nodes
  }

  /// The trees of several outputs, interleaved round by round; an output with fewer trees than another is filled up with
  /// trees that add zero.
  static func interleave(_ trees: [[[TreeNode]]]) -> ForestNodes {
    var nodes = ForestNodes()
    let rounds = trees.map(\.count).max() ?? 0
    for round in 0..<rounds {
      for output in trees {
        nodes.append(tree: round < output.count ? output[round] : [TreeNode(value: 0, cover: 0, count: 0)])
      }
    }
    return nodes
  }
}
