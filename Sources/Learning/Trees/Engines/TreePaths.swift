/// A tree cut into paths, so that few steps lead a row through it whatever its depth.
///
/// Every inner node keeps one child on its path, and the other child begins a path of its own. The answers of a row to all
/// tests being known as bits, the first node at which the row leaves a path is the lowest bit of those that
/// the path holds, and so a step goes from path to path, not from node to node. The child that is kept is the one whose
/// subtree takes more steps, which makes the most steps that any row takes as few as possible: its Strahler number, for 64
/// leaves at most 6.
struct TreePaths {
  /// Most inner nodes.
  static let limit = 63
  /// The place of the path that begins at the root; the places below are those of the nodes.
  static let root = limit

  /// Place of each inner node, in the order of the outline; on a path they rise.
  private(set) var places: [Int]
  /// The bits of the places whose nodes a row stays with on the path by passing the test.
  private(set) var passing: UInt64 = 0
  /// (64): the places on the path that begins where a row leaves its path at a place.
  private(set) var nodes = [UInt64](repeating: 0, count: limit + 1)
  /// (64): the leaf at the end of the same path, counted from the left.
  private(set) var ends = [Int](repeating: 0, count: limit + 1)
  /// Most paths that a row leaves.
  private(set) var steps = 0

  /// An inner node by its number in the outline, or a leaf.
  private enum Child {
    case inner(Int)
    case leaf(Int)
  }

  /// Nil if the tree has more nodes than there are places.
  init?(_ outline: TreeOutline) {
    let count = outline.inner.count
    guard count <= TreePaths.limit else { return nil }
    places = [Int](repeating: 0, count: count)
    let children = TreePaths.children(outline)
    // Nodes stand before those below them.
    var mostExits = [Int](repeating: 0, count: count)
    func exits(below child: Child) -> Int {
      if case .inner(let node) = child { return mostExits[node] }
      return 0
    }
    for node in (0..<count).reversed() {
      let (left, right) = (exits(below: children[node].left), exits(below: children[node].right))
      mostExits[node] = left == right ? left + 1 : max(left, right)
    }
    steps = mostExits.first ?? 0
    var next = 0
    var waiting = [(place: TreePaths.root, start: count == 0 ? Child.leaf(0) : .inner(0))]
    while let (place, start) = waiting.popLast() {
      var at = start
      while case .inner(let node) = at {
        places[node] = next
        nodes[place] |= 1 << UInt64(next)
        let (left, right) = children[node]
        let keepsRight = exits(below: right) > exits(below: left)
        if keepsRight { passing |= 1 << UInt64(next) }
        waiting.append((next, keepsRight ? left : right))
        at = keepsRight ? right : left
        next += 1
      }
      if case .leaf(let leaf) = at { ends[place] = leaf }
    }
  }

  /// The children of each inner node.
  private static func children(_ outline: TreeOutline) -> [(left: Child, right: Child)] {
    var ends = [Int](repeating: outline.leaves.count, count: outline.inner.count)
    return outline.inner.indices.map { index in
      let node = outline.inner[index]
      let left = node.right - node.first
      let right = ends[index] - node.right
      // Inner nodes stand in the order root, left subtree, right subtree; a subtree has one fewer than leaves.
      if left > 1 { ends[index + 1] = node.right }
      if right > 1 { ends[index + left] = ends[index] }
      return (
        left > 1 ? .inner(index + 1) : .leaf(node.first), right > 1 ? .inner(index + left) : .leaf(node.right)
      )
    }
  }
}
