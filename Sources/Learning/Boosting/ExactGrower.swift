import Compute
import Diagnostics
import Trees

/// XGBoost's `exact` (`src/tree/updater_colmaker.cc`, `updater_prune.cc`): every midpoint between neighbouring values of
/// a feature is tried, level by level, on columns sorted once; splits that gain less than gamma are pruned afterwards.
///
/// Sums are in `Double`, in the order of the values, so no two of them are added by different threads.
final class ExactGrower: TreeMaking {
  /// A node of the tree under construction.
  private struct OpenNode {
    var sums: SIMD2<Double>
    var bounds: NodeSums
    var gain: Float
    var path: [Int32]
  }

  /// The best split of one node by one feature.
  struct Candidate: Sendable {
    var loss: Float = Float(SplitSearch.smallestLossChange)
    var feature: Int32 = -1
    var threshold: Float = 0
    var missingLeft = false
    var left = SIMD2<Double>.zero
  }

  var rate: Double
  let dataset: BinnedDataset
  private let configuration: BoostingConfiguration
  let pool: ThreadPool
  private let search: SplitSearch
  private let interactions: InteractionConstraints
  /// (features): rows whose value is present, by increasing value.
  private let order: [[Int32]]
  private let directions: [Int]
  /// (rows): the node that a row is in, -1 for a row that does not take part.
  private var position: [Int32]
  private(set) var grownRows: [Int32] = []

  init(
    dataset: BinnedDataset, configuration: BoostingConfiguration, pool: ThreadPool
  ) throws(TernError) {
    if let feature = dataset.kinds.firstIndex(where: \.isCategorical) {
      throw TernError(
        .configuration, "exact does not know categories", key: "tree_method", found: "exact",
        expected: "hist or approx for column \(dataset.featureNames[feature])")
    }
    self.dataset = dataset
    self.configuration = configuration
    self.pool = pool
    rate = configuration.learningRate
    search = SplitSearch(configuration: configuration, gradientStep: 1, hessianStep: 1)
    interactions = InteractionConstraints(configuration: configuration, features: dataset.features)
    let given = configuration.growth.monotoneConstraints
    directions = (0..<dataset.features).map { $0 < given.count ? given[$0] : 0 }
    position = [Int32](repeating: -1, count: dataset.rows)
    var order = [[Int32]](repeating: [], count: dataset.features)
    order.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = SharedPointer(base)
      pool.parallelFor(count: dataset.features) { feature, _ in
        let column = dataset.values[feature]
        target.pointer[feature] = (0..<Int32(dataset.rows)).filter { !column[Int($0)].isNaN }.sorted {
          column[Int($0)] != column[Int($1)] ? column[Int($0)] < column[Int($1)] : $0 < $1
        }
      }
    }
    self.order = order
  }

  func grow(
    derivatives: UnsafePointer<SIMD2<Float>>, rows: [Int32], tree number: Int
  ) throws(TernError) -> GrownTree {
    grownRows = rows
    for row in position.indices { position[row] = -1 }
    var total = SIMD2<Double>.zero
    for row in rows {
      position[Int(row)] = 0
      total += SIMD2<Double>(derivatives[Int(row)])
    }
    guard total.x.isFinite, total.y.isFinite else { throw TreeGrower.divergence(configuration) }
    let sampling = FeatureSampling(configuration: configuration, bins: dataset.bins, tree: number)
    var bounds = NodeSums(gradient: 0, hessian: 0, rows: rows.count)
    bounds.output = search.weight(gradient: total.x, hessian: total.y)
    var open = [OpenNode(sums: total, bounds: bounds, gain: 0, path: [])]
    open[0].gain = gain(of: open[0])
    var nodes = [leaf(open[0])]
    var level = [0]
    var depth = 0
    while !level.isEmpty, configuration.maxDepth == 0 || depth < configuration.maxDepth {
      let features = sampling.nodeFeatures(node: level[0], depth: depth)
      let best = bestSplits(level: level, open: open, features: features, derivatives: derivatives)
      level = expand(level, best: best, open: &open, nodes: &nodes, depth: depth, derivatives: derivatives)
      depth += 1
    }
    return GrownTree(nodes: ExactGrower.pruned(nodes, gamma: Float(configuration.gamma)))
  }

  func add(
    _ tree: GrownTree, to margins: UnsafeMutablePointer<Float>, output: Int, outputs: Int, outside: [Int32]
  ) {
    let shared = SharedPointer(margins)
    for rows in [grownRows, outside] {
      pool.parallelChunks(of: rows.count, chunk: 4096) { range, _ in
        for i in range {
          let row = Int(rows[i])
          shared.pointer[row * outputs + output] +=
            tree.nodes[tree.leaf(of: row, values: dataset.values)].value
        }
      }
    }
  }

  private func gain(of node: OpenNode) -> Float {
    Float(search.parentGain(SplitSide(gradient: node.sums.x, hessian: node.sums.y), node: node.bounds))
  }

  private func leaf(_ node: OpenNode) -> TreeNode {
    TreeNode(
      value: Float(node.bounds.output) * Float(rate), cover: Float(node.sums.y),
      count: Int32(node.bounds.rows))
  }

  /// The best split of every node of a level; the lower feature wins a tie.
  private func bestSplits(
    level: [Int], open: [OpenNode], features: [Int32], derivatives: UnsafePointer<SIMD2<Float>>
  ) -> [Candidate] {
    var slots = [Int32](repeating: -1, count: open.count)
    for (slot, node) in level.enumerated() { slots[node] = Int32(slot) }
    let allowed = level.map { interactions.allowed(path: open[$0].path) }
    var found = [Candidate](repeating: Candidate(), count: features.count * level.count)
    let input = SharedPointer(UnsafeMutablePointer(mutating: derivatives))
    let slotsOfNodes = slots
    found.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = SharedPointer(base)
      pool.parallelFor(count: features.count) { item, _ in
        let feature = Int(features[item])
        let own = UnsafeMutableBufferPointer(start: target.pointer + item * level.count, count: level.count)
        let scan = ExactScan(
          feature: feature, column: dataset.values[feature], order: order[feature],
          isOpen: allowed.map { $0.map { $0[feature] } ?? true }, direction: directions[feature])
        let nodes = level.map {
          ExactScan.Node(sums: open[$0].sums, bounds: open[$0].bounds, gain: open[$0].gain)
        }
        // Where no value is missing one direction finds everything.
        if order[feature].count < dataset.rows, !scan.isIndicator {
          scan.run(
            isForward: true, nodes: nodes, position: position, slots: slotsOfNodes,
            derivatives: input.pointer,
            search: search, best: own)
        }
        scan.run(
          isForward: false, nodes: nodes, position: position, slots: slotsOfNodes, derivatives: input.pointer,
          search: search, best: own)
      }
    }
    var best = [Candidate](repeating: Candidate(), count: level.count)
    for item in features.indices {
      for slot in level.indices where found[item * level.count + slot].feature >= 0 {
        let candidate = found[item * level.count + slot]
        if candidate.loss > best[slot].loss { best[slot] = candidate }
      }
    }
    return best
  }

  /// Splits what can be split and returns the new level.
  private func expand(
    _ level: [Int], best: [Candidate], open: inout [OpenNode], nodes: inout [TreeNode], depth: Int,
    derivatives: UnsafePointer<SIMD2<Float>>
  ) -> [Int] {
    var children: [Int] = []
    for (node, split) in zip(level, best) where split.feature >= 0 {
      nodes[node].feature = split.feature
      nodes[node].threshold = split.threshold
      nodes[node].defaultLeft = split.missingLeft
      nodes[node].gain = split.loss
      nodes[node].left = Int32(nodes.count)
      nodes[node].right = Int32(nodes.count + 1)
      children += [nodes.count, nodes.count + 1]
      for _ in 0..<2 {
        var bounds = open[node].bounds
        bounds.rows = 0
        open.append(
          OpenNode(sums: .zero, bounds: bounds, gain: 0, path: open[node].path + [split.feature]))
        nodes.append(TreeNode(value: 0, cover: 0, count: 0))
      }
    }
    for row in grownRows {
      let at = Int(position[Int(row)])
      guard !nodes[at].isLeaf else { continue }
      let x = dataset.values[Int(nodes[at].feature)][Int(row)]
      let goesLeft = x.isNaN ? nodes[at].defaultLeft : x < nodes[at].threshold
      let child = Int(goesLeft ? nodes[at].left : nodes[at].right)
      position[Int(row)] = Int32(child)
      open[child].sums += SIMD2<Double>(derivatives[Int(row)])
      open[child].bounds.rows += 1
    }
    for (node, split) in zip(level, best) where split.feature >= 0 {
      setBounds(of: node, split: split, open: &open, nodes: &nodes)
    }
    return children
  }

  private func setBounds(of node: Int, split: Candidate, open: inout [OpenNode], nodes: inout [TreeNode]) {
    let left = Int(nodes[node].left)
    let right = left + 1
    for child in [left, right] {
      open[child].bounds.output = search.output(
        SplitSide(gradient: open[child].sums.x, hessian: open[child].sums.y), parent: open[node].bounds)
    }
    let middle = (open[left].bounds.output + open[right].bounds.output) / 2
    switch directions[Int(split.feature)] {
    case 1:
      open[left].bounds.upper = middle
      open[right].bounds.lower = middle
    case -1:
      open[left].bounds.lower = middle
      open[right].bounds.upper = middle
    default: break
    }
    for child in [left, right] {
      open[child].gain = gain(of: open[child])
      nodes[child] = leaf(open[child])
    }
  }

  /// Makes a leaf of every node that gains less than gamma and has two leaves, from below.
  static func pruned(_ nodes: [TreeNode], gamma: Float) -> [TreeNode] {
    var kept = nodes
    for node in kept.indices.reversed() where !kept[node].isLeaf && kept[node].gain < gamma {
      guard kept[Int(kept[node].left)].isLeaf, kept[Int(kept[node].right)].isLeaf else { continue }
      kept[node].feature = -1
      kept[node].threshold = 0
      kept[node].defaultLeft = false
      kept[node].gain = 0
    }
    // Nodes are kept in their order, those below a new leaf left out.
    var place = [Int32](repeating: -1, count: kept.count)
    var isReached = [Bool](repeating: false, count: kept.count)
    isReached[0] = true
    var count: Int32 = 0
    for node in kept.indices where isReached[node] {
      place[node] = count
      count += 1
      if kept[node].isLeaf { continue }
      isReached[Int(kept[node].left)] = true
      isReached[Int(kept[node].right)] = true
    }
    return kept.indices.filter { isReached[$0] }.map { index in
      var node = kept[index]
      node.left = node.isLeaf ? -1 : place[Int(node.left)]
      node.right = node.isLeaf ? -1 : place[Int(node.right)]
      return node
    }
  }
}
