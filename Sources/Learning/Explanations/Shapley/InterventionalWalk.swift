import Diagnostics
import Trees

/// One pair of rows after another through one tree after another.
struct InterventionalWalk: Sendable {
  /// A node of the walk: inner nodes test, leaves hold a value.
  struct Node: Sendable {
    /// Who earns what the test is worth.
    var player: Int32
    var left: Int32
    var right: Int32
    var value: Double
  }

  /// One tree's part of the arrays.
  struct Tree: Sendable {
    var nodes: Range<Int>
    var output: Int
  }

  private(set) var trees: [Tree] = []
  private var nodes: [Node] = []
  private var tests: [NodeTest] = []
  /// (a − 1)!·b!/(a + b)!: (a, b) over `0...longest` each, 0 for a = 0.
  private var weights: [Double] = []
  private var longest = 0
  /// Words of the forest's category sets, never empty.
  private let sets: [UInt32]
  let players: FeaturePlayers

  init(_ forest: Forest) throws(TernError) {
    sets = forest.nodeArrays.categoryWords + [0]
    players = FeaturePlayers(forest)
    try ShapleyProgram.rejectLinearLeaves(of: forest)
    for tree in 0..<forest.trees {
      let ordered = OrderedTree(forest, tree: tree, cover: .rows)
      let distinct = PathState(ordered, forest, players).longest
      guard distinct <= ShapleyProgram.longestPath else {
        throw TernError(
          .data, "tree \(tree) tests too many features on one path to be explained", found: "\(distinct)",
          expected: "at most \(ShapleyProgram.longestPath)")
      }
      longest = max(longest, distinct)
      let first = nodes.count
      for node in ordered.nodes {
        nodes.append(
          Node(
            player: node.isLeaf ? -1 : players.players[Int(forest.splitFeature[node.source])],
            left: Int32(node.left), right: Int32(node.right),
            value: node.isLeaf ? forest.contribution(ofLeaf: node.source) : 0))
        tests.append(NodeTest(forest, node: node.source))
      }
      trees.append(Tree(nodes: first..<nodes.count, output: tree % forest.outputs))
    }
    let size = longest + 1
    weights = [Double](repeating: 0, count: size * size)
    for a in 1..<max(size, 1) {
      // 1/a for b = 0, then from b − 1 to b by b/(a + b).
      var weight = 1 / Double(a)
      for b in 0..<size {
        if b > 0 { weight *= Double(b) / Double(a + b) }
        weights[a * size + b] = weight
      }
    }
  }

  /// The value of the leaf that a row reaches.
  func leafValue(of tree: Tree, _ value: (Int) -> Double) -> Double {
    let first = tree.nodes.lowerBound
    var at = first
    while nodes[at].left >= 0 {
      let goesLeft = tests[at].left(value(Int(tests[at].feature)), sets: sets)
      at = first + Int(goesLeft ? nodes[at].left : nodes[at].right)
    }
    return nodes[at].value
  }

  /// Whether each row goes left at each node: (row, node).
  func sides(of tree: Tree, columns: [[Float]], rows: Range<Int>) -> [Bool] {
    var sides = [Bool](repeating: false, count: rows.count * tree.nodes.count)
    for (place, node) in tree.nodes.enumerated() where nodes[node].left >= 0 {
      let column = columns[Int(tests[node].feature)]
      for row in rows {
        sides[(row - rows.lowerBound) * tree.nodes.count + place] = tests[node].left(
          Double(column[row]), sets: sets)
      }
    }
    return sides
  }

  /// Adds a tree's values for a row against a background row.
  ///
  /// - Parameters:
  ///   - states: 0 for every player, before and after.
  ///   - values: the players' values so far, (player).
  func add(
    _ tree: Tree, own: [Bool], at row: Int, other: [Bool], at reference: Int, states: inout [Int8],
    into values: UnsafeMutablePointer<Double>
  ) {
    let size = tree.nodes.count
    nodes.withUnsafeBufferPointer { nodes in
      own.withUnsafeBufferPointer { own in
        other.withUnsafeBufferPointer { other in
          states.withUnsafeMutableBufferPointer { states in
            weights.withUnsafeBufferPointer { weights in
              guard let nodes = nodes.baseAddress, let own = own.baseAddress, let other = other.baseAddress,
                let states = states.baseAddress, let weights = weights.baseAddress
              else { return }
              let pair = Pair(
                nodes: nodes + tree.nodes.lowerBound, own: own + row * size, other: other + reference * size,
                states: states, weights: weights, size: longest + 1, values: values)
              _ = pair.visit(0, a: 0, b: 0)
            }
          }
        }
      }
    }
  }

  /// Two rows in one tree.
  private struct Pair {
    let nodes: UnsafePointer<Node>
    let own: UnsafePointer<Bool>
    let other: UnsafePointer<Bool>
    /// 1 for a player whom the path follows by the row, 2 by the background row, else 0.
    let states: UnsafeMutablePointer<Int8>
    let weights: UnsafePointer<Double>
    let size: Int
    let values: UnsafeMutablePointer<Double>

    /// Walks what the two rows can reach together; recursion is as deep as a path has distinct features.
    ///
    /// - Returns: What the leaves below give to a feature of A and take from a feature of B.
    func visit(_ start: Int, a: Int, b: Int) -> (give: Double, take: Double) {
      var at = start
      while nodes[at].left >= 0 {
        let node = nodes[at]
        let player = Int(node.player)
        if own[at] == other[at] || states[player] == 1 {
          at = Int(own[at] ? node.left : node.right)
        } else if states[player] == 2 {
          at = Int(other[at] ? node.left : node.right)
        } else {
          states[player] = 1
          let byOwn = visit(Int(own[at] ? node.left : node.right), a: a + 1, b: b)
          states[player] = 2
          let byOther = visit(Int(other[at] ? node.left : node.right), a: a, b: b + 1)
          states[player] = 0
          values[player] += byOwn.give - byOther.take
          return (byOwn.give + byOther.give, byOwn.take + byOther.take)
        }
      }
      let value = nodes[at].value
      return (value * weights[a * size + b], value * weights[b * size + a])
    }
  }
}
