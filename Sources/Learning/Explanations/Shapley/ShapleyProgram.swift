import Diagnostics
import Trees

/// A forest prepared for path-dependent Shapley values.
///
/// For a leaf with value v whose path tests the features M, let o_i say whether the row passes every test of feature i on
/// the path (0 or 1), and z_i be the product of the shares of training data that those tests let through. The leaf
/// adds to feature j (Lundberg et al., "Consistent Individualized Feature Attribution for Tree Ensembles", 2018)
///
///     v·(o_j − z_j)·Σ_{T ⊆ M∖j} |T|!·(|M|−|T|−1)!/|M|! · Π_{i∈T} o_i · Π_{i∉T} z_i
///       = v·(o_j − z_j)·∫₀¹ Π_{i≠j} f_i(u) du   with   f_i(u) = o_i·u + z_i·(1 − u),
///
/// because ∫ u^t (1−u)^(m−1−t) du is the Shapley weight. The integrand is a polynomial of degree |M| − 1, which
/// ⌈|M|/2⌉ points of Gauss and Legendre integrate exactly. At each point the products f of all leaves come from one walk down the
/// tree and their sums over subtrees from one walk up, so that a row costs O(nodes × points) instead of
/// O(leaves × depth²); after Yu et al., "Linear TreeShap", 2022, with quadrature for polynomials in coefficients.
///
/// A test of a feature that the path has tested before replaces that feature's f by the merged one. Since o is 0 or 1
/// and z does not depend on the row, all factors of an edge are constants, and the row only selects among them.
struct ShapleyProgram: Sendable {
  /// An inner node with all that the walks need of its two edges.
  struct InnerNode: Sendable {
    var test: NodeTest
    /// Who earns what the test is worth.
    var player: Int32
    /// Places of the node and its children in their tree.
    var own: Int32
    var left: Int32
    var right: Int32
    /// The last node above, or this one itself, whose edge from its parent tests the same feature; -1 if none does.
    var previous: Int32
    /// What a product shrinks by when the row failed the feature's earlier tests already.
    var leftRest: Double
    var rightRest: Double
  }

  /// One tree's part of the arrays.
  struct Tree: Sendable {
    var inner: Range<Int>
    var nodes: Int
    /// Number of quadrature points.
    var points: Int
    /// First of its `points` weights in `weights`.
    var firstWeight: Int
    /// First of its constants.
    var firstConstant: Int
    var output: Int
  }

  /// Constants of an inner node at one quadrature point, in this order: the factors of a product into the left child if
  /// the row passes and if it fails, the change of (o − z)/f if it passes; the same three for the right child; the
  /// change of (o − z)/f for a child that the row fails.
  static let constantsPerPoint = 8

  /// Trees with an inner node.
  private(set) var trees: [Tree] = []
  private(set) var inner: [InnerNode] = []
  private(set) var constants: [Double] = []
  private(set) var weights: [Double] = []
  /// Expected margin of each output, base score included.
  private(set) var expected: [Double]
  /// Quadrature by number of points.
  private(set) var quadratures: [Int: GaussLegendre] = [:]
  /// The most products and the most nodes that a tree needs.
  private(set) var largestProducts = 1
  private(set) var largestNodes = 1
  /// Words of the forest's category sets.
  let sets: [UInt32]
  let players: FeaturePlayers
  let outputs: Int

  /// Number of raw features.
  var features: Int { players.features }
  /// Numbers that a row's tests read: raw features, then derived ones.
  var tested: Int { players.players.count }

  /// Longest path in distinct features; more points would only be asked for by a damaged file.
  static let longestPath = 2048

  /// Prepares a forest.
  /// - Throws: `TernError(.data)` for linear leaves or a path of more than 2,048 distinct features.
  init(_ forest: Forest, cover: CoverMeasure) throws(TernError) {
    players = FeaturePlayers(forest)
    outputs = forest.outputs
    // Never empty, so that it always has an address.
    sets = forest.nodeArrays.categoryWords + [0]
    expected = forest.header.baseMargins
    try ShapleyProgram.rejectLinearLeaves(of: forest)
    for tree in 0..<forest.trees {
      let ordered = OrderedTree(forest, tree: tree, cover: cover)
      let output = tree % outputs
      expected[output] += ordered.expectation(forest.contribution)
      if ordered.nodes.count > 1 { try append(ordered, forest, tree: tree, output: output) }
    }
  }

  /// A linear leaf's output depends on features that its path need not test, which the formula does not cover; LightGBM
  /// refuses as well.
  static func rejectLinearLeaves(of forest: Forest) throws(TernError) {
    guard !forest.hasLinearLeaves else {
      throw TernError(
        .data, "the model has linear leaves, for which exact Shapley values are not defined here",
        expected: "a model with constant leaves (linear_tree=false)")
    }
  }

  private mutating func append(
    _ ordered: OrderedTree, _ forest: Forest, tree: Int, output: Int
  ) throws(TernError) {
    let paths = PathState(ordered, forest, players)
    guard paths.longest <= ShapleyProgram.longestPath else {
      throw TernError(
        .data, "tree \(tree) tests too many features on one path to be explained", found: "\(paths.longest)",
        expected: "at most \(ShapleyProgram.longestPath)")
    }
    let points = max(1, (paths.longest + 1) / 2)
    let quadrature = quadratures[points] ?? GaussLegendre(points: points)
    quadratures[points] = quadrature
    let first = inner.count
    let header = Tree(
      inner: first..<first, nodes: ordered.nodes.count, points: points, firstWeight: weights.count,
      firstConstant: constants.count, output: output)
    weights += quadrature.weights
    for (place, node) in ordered.nodes.enumerated() where !node.isLeaf {
      let previous = paths.previous[node.left]
      let before = previous < 0 ? 1 : paths.merged[previous]
      let scale = { (child: Int) -> Double in
        let leaf = ordered.nodes[child]
        return leaf.isLeaf ? forest.contribution(ofLeaf: leaf.source) : 1
      }
      let (left, right) = (node.left, node.right)
      let rest = { (child: Int) in before > 0 ? paths.merged[child] / before * scale(child) : 0 }
      inner.append(
        InnerNode(
          test: NodeTest(forest, node: node.source),
          player: players.players[Int(forest.splitFeature[node.source])], own: Int32(place),
          left: Int32(left),
          right: Int32(right), previous: Int32(previous), leftRest: rest(left), rightRest: rest(right)))
      for u in quadrature.nodes {
        let earlier = u + before * (1 - u)
        let change = (1 - before) / earlier
        for child in [left, right] {
          let z = paths.merged[child]
          let passed = u + z * (1 - u)
          constants.append(passed / earlier * scale(child))
          constants.append(z * (1 - u) / earlier * scale(child))
          constants.append((1 - z) / passed - change)
        }
        constants.append(-1 / (1 - u) - change)
        constants.append(0)
      }
    }
    trees.append(header)
    trees[trees.count - 1].inner = first..<inner.count
    largestNodes = max(largestNodes, ordered.nodes.count)
    largestProducts = max(largestProducts, ordered.nodes.count * points)
  }
}

/// What the path to each node has tested: the edge into a node is named by the node.
struct PathState {
  /// The last node above whose edge tests the same feature as the node's own edge, -1 if there is none: (node).
  private(set) var previous: [Int]
  /// Share of the training data that passes all tests of the edge's feature on the path: (node).
  private(set) var merged: [Double]
  /// Most distinct features on a path.
  private(set) var longest = 0

  init(_ tree: OrderedTree, _ forest: Forest, _ players: FeaturePlayers) {
    previous = [Int](repeating: -1, count: tree.nodes.count)
    merged = [Double](repeating: 1, count: tree.nodes.count)
    var distinct = [Int](repeating: 0, count: tree.nodes.count)
    // In depth-first order the path to a node is a stack: entries deeper than its parent belong to other branches.
    var path: [Int] = []
    var depth = [Int](repeating: 0, count: tree.nodes.count)
    var latest: [Int32: [Int]] = [:]
    for (place, node) in tree.nodes.enumerated().dropFirst() {
      depth[place] = depth[node.parent] + 1
      while path.count >= depth[place] {
        latest[PathState.player(of: path.removeLast(), tree, forest, players)]?.removeLast()
      }
      let player = PathState.player(of: place, tree, forest, players)
      let before = latest[player]?.last
      previous[place] = before ?? -1
      merged[place] = node.share * (before.map { merged[$0] } ?? 1)
      distinct[place] = distinct[node.parent] + (before == nil ? 1 : 0)
      longest = max(longest, distinct[place])
      path.append(place)
      latest[player, default: []].append(place)
    }
  }

  /// The player whose feature the edge into a node tests.
  static func player(
    of node: Int, _ tree: OrderedTree, _ forest: Forest, _ players: FeaturePlayers
  ) -> Int32 {
    players.players[Int(forest.splitFeature[tree.nodes[tree.nodes[node].parent].source])]
  }
}
