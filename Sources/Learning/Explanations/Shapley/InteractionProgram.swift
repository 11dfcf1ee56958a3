import Trees

/// What Shapley interaction values need beyond the program of the values.
///
/// With G_i = (o_i − z_i)/f_i a leaf adds v·∫ G_i·G_j·Π f du to the interaction of i and j. Down a path only the G of
/// an edge's own feature changes, so the sum over leaves is a sum over inner nodes j: the change of G_j there, which the walk up knows,
/// times the present G_i of every other feature i above.
struct InteractionProgram: Sendable {
  /// A feature above an inner node.
  struct Partner: Sendable {
    /// The last node of the path whose edge tests the partner.
    var node: Int32
    /// The pair's place among the forest's pairs.
    var pair: Int32
  }

  /// First of each inner node's partners and, last, their number: (inner + 1).
  private(set) var offsets: [Int32] = [0]
  private(set) var partners: [Partner] = []
  /// Pairs of players that share a path, the smaller first.
  private(set) var pairs: [(first: Int, second: Int)] = []
  /// First of each tree's entries in `passed`.
  private(set) var firstPassed: [Int] = []
  /// (1 − z)/f of a node's edge for a row that passes: (node, point) of each tree.
  private(set) var passed: [Double] = []
  /// −1/(1 − u), the same for a row that fails: (point) of each tree, found as the weights are.
  private(set) var failed: [Double] = []

  init(_ forest: Forest, cover: CoverMeasure, program: ShapleyProgram) {
    var places: [Int: Int32] = [:]
    var next = program.trees.makeIterator()
    for tree in 0..<forest.trees {
      let ordered = OrderedTree(forest, tree: tree, cover: cover)
      guard ordered.nodes.count > 1, let header = next.next(),
        let quadrature = program.quadratures[header.points]
      else { continue }
      let paths = PathState(ordered, forest, program.players)
      firstPassed.append(passed.count)
      failed += quadrature.nodes.map { -1 / (1 - $0) }
      for place in ordered.nodes.indices {
        let z = paths.merged[place]
        passed += quadrature.nodes.map { (1 - z) / ($0 + z * (1 - $0)) }
      }
      for (place, node) in ordered.nodes.enumerated() where !node.isLeaf {
        let player = Int(program.players.players[Int(forest.splitFeature[node.source])])
        for above in InteractionProgram.lastEdges(to: place, ordered, forest, program.players)
        where above.player != player {
          let (low, high) = (min(above.player, player), max(above.player, player))
          let key = low * program.players.count + high
          if places[key] == nil {
            places[key] = Int32(pairs.count)
            pairs.append((low, high))
          }
          partners.append(Partner(node: Int32(above.node), pair: places[key, default: 0]))
        }
        offsets.append(Int32(partners.count))
      }
    }
  }

  /// The players on the path to a node, each with its last edge.
  private static func lastEdges(
    to node: Int, _ tree: OrderedTree, _ forest: Forest, _ players: FeaturePlayers
  ) -> [(player: Int, node: Int)] {
    var edges: [(player: Int, node: Int)] = []
    var seen: Set<Int> = []
    var at = node
    while tree.nodes[at].parent >= 0 {
      let player = Int(PathState.player(of: at, tree, forest, players))
      if seen.insert(player).inserted { edges.append((player, at)) }
      at = tree.nodes[at].parent
    }
    return edges
  }
}
