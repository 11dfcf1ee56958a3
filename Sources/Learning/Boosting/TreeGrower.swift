import Compute
import Diagnostics
import Synchronization
import Trees

/// Grows one tree after another on a binned data set; its buffers live as long as the training.
final class TreeGrower: TreeMaking {
  /// A node that is not yet split.
  struct OpenNode {
    var tree: Int
    var begin: Int
    var depth: Int
    /// Which copy of the row partition holds its rows.
    var copy: Int
    var sums: NodeSums
    /// The parent's sums, nil at the root.
    var parent: NodeSums?
    /// Rows by which path smoothing weighs the node's own value.
    var smoothingRows = 0
    /// L2 penalty of the node's own value beside lambda.
    var extraLambda = 0.0
    /// Features on the way from the root, where interactions are constrained or leaves are linear.
    var path: [Int32] = []
    var histogram: Histogram?
    var best = SplitCandidate()
  }

  /// Guards the flush of one block; integer sums come out the same in any order.
  final class BlockLock: Sendable {
    let mutex = Mutex<Void>(())
  }

  let dataset: BinnedDataset
  let configuration: BoostingConfiguration
  let pool: ThreadPool
  let partition: RowPartition
  /// (blocks): the features of each, whose histograms lie one after another.
  let blockFeatures: [[Int]]
  /// First entry of each feature in a histogram.
  let offsets: [Int]
  let scratch: [Storage<SIMD2<Int64>>]
  let scans: [ScanBuffer]
  let candidates: [Storage<SplitCandidate>]
  let locks: [BlockLock]
  let interactions: InteractionConstraints
  /// Whether nodes remember their paths.
  let keepsPaths: Bool
  /// (features): the sign of each feature's effect, 0 for any.
  let directions: [Int]
  var histograms: HistogramPool
  /// Factor on the values of the leaves of the next tree.
  var rate: Double
  /// The first tree of each output has constant leaves: without slopes to start from, linear ones fit the noise.
  let firstLinearTree: Int

  init(
    dataset: BinnedDataset, rows: Int, outputs: Int, configuration: BoostingConfiguration, pool: ThreadPool
  ) {
    firstLinearTree = outputs
    self.dataset = dataset
    self.configuration = configuration
    self.pool = pool
    rate = configuration.learningRate
    partition = RowPartition(capacity: rows)
    var offsets = [Int](repeating: 0, count: dataset.features)
    var total = 0
    blockFeatures = (0..<dataset.blocks).map { dataset.layout.features(ofBlock: $0) }
    for feature in blockFeatures.joined() {
      offsets[feature] = total
      total += dataset.bins[feature].bins
    }
    self.offsets = offsets
    scratch = (0..<pool.threads).map { _ in Storage(HistogramKernel.scratchCount, initial: .zero) }
    scans = (0..<pool.threads).map { _ in ScanBuffer() }
    candidates = (0..<2).map { _ in Storage(dataset.features, initial: SplitCandidate()) }
    locks = (0..<dataset.blocks).map { _ in BlockLock() }
    histograms = HistogramPool(bins: total, features: dataset.features)
    interactions = InteractionConstraints(configuration: configuration, features: dataset.features)
    keepsPaths = !configuration.growth.interactionConstraints.isEmpty || configuration.growth.linearTree
    let given = configuration.growth.monotoneConstraints
    directions = (0..<dataset.features).map {
      $0 < given.count && !dataset.bins[$0].isCategorical ? given[$0] : 0
    }
  }

  /// Grows a tree on the derivatives of `rows`.
  ///
  /// - Parameters:
  ///   - derivatives: (data set rows) of gradient and hessian.
  ///   - rows: increasing row numbers.
  ///   - tree: number of the tree in the training, for sampling.
  /// - Throws: `TernError(.data)` if a derivative is not finite, because the margins have overflowed.
  func grow(
    derivatives: UnsafePointer<SIMD2<Float>>, rows: [Int32], tree number: Int
  ) throws(TernError) -> GrownTree {
    rows.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { partition.rows(0).update(from: base, count: rows.count) }
    }
    let quantisation = quantise(derivatives, count: rows.count)
    guard quantisation.isFinite else {
      throw TreeGrower.divergence(configuration)
    }
    pack(derivatives, count: rows.count, quantisation: quantisation, tree: number)
    var growth = TreeGrowth(
      search: SplitSearch(
        configuration: configuration, gradientStep: quantisation.gradientStep,
        hessianStep: quantisation.hessianStep), quantisation: quantisation,
      sampling: FeatureSampling(configuration: configuration, bins: dataset.bins, tree: number),
      features: dataset.features, frontier: GrowthFrontier(policy: configuration.growPolicy), number: number)
    growth.reserve(leaves: mostLeaves(rows: rows.count))
    openRoot(rows: rows.count, growth: &growth)
    while growth.leaves < leafLimit, let node = growth.frontier.pop() { split(node, growth: &growth) }
    for node in growth.open.indices { release(node, growth: &growth) }
    return finish(derivatives: derivatives, growth: growth)
  }

  /// Whether all rows have the same hessian.
  private var hasConstantHessian: Bool {
    configuration.objective == .squaredError && dataset.weights == nil
      && configuration.growth.rowSampling == .uniform
  }

  private func quantise(_ derivatives: UnsafePointer<SIMD2<Float>>, count: Int) -> GradientQuantisation {
    guard configuration.growth.useQuantizedGrad else {
      return GradientQuantisation(derivatives, rows: partition.rows(0), count: count, pool: pool)
    }
    return GradientQuantisation(
      levels: configuration.growth.numGradQuantBins,
      hasConstantHessian: hasConstantHessian, derivatives,
      rows: partition.rows(0), count: count, pool: pool)
  }

  private func pack(
    _ derivatives: UnsafePointer<SIMD2<Float>>, count: Int, quantisation: GradientQuantisation, tree: Int
  ) {
    guard configuration.growth.useQuantizedGrad else {
      quantisation.pack(
        derivatives, rows: partition.rows(0), count: count, into: partition.values(0), pool: pool)
      return
    }
    quantisation.packLevels(
      derivatives, rows: partition.rows(0), count: count, into: partition.values(0),
      seed: configuration.seed, tree: tree, isStochastic: configuration.growth.stochasticRounding, pool: pool)
  }

  /// What is thrown when derivatives are not finite.
  static func divergence(_ configuration: BoostingConfiguration) -> TernError {
    TernError(
      .data, "training diverged: a gradient is not a finite number", key: "learning_rate",
      found: "\(configuration.learningRate)", expected: "a smaller value, or smaller labels and weights")
  }

  /// A bound on the leaves of a tree, to make room for; no more than what is likely where there is none.
  private func mostLeaves(rows: Int) -> Int {
    let byDepth =
      configuration.maxDepth > 0 && configuration.maxDepth < 12 ? 1 << configuration.maxDepth : 4096
    return min(byDepth, leafLimit, rows)
  }

  private var leafLimit: Int { configuration.maxLeaves == 0 ? Int.max : configuration.maxLeaves }

  /// Adds a leaf value to every training row's margin.
  ///
  /// - Parameter outside: rows of the data set that did not take part in growing the tree.
  func add(
    _ tree: GrownTree, to margins: UnsafeMutablePointer<Float>, output: Int, outputs: Int, outside: [Int32]
  ) {
    let shared = SharedPointer(margins)
    let pieces = TreeGrower.pieces(of: tree.leaves)
    let isLinear = tree.nodes.contains { $0.linear != nil }
    pool.parallelFor(count: pieces.count) { item, _ in
      let piece = pieces[item]
      let leaf = tree.leaves[piece.leaf]
      let value = tree.nodes[leaf.node].value
      let own = partition.rows(leaf.copy)
      if isLinear {
        for i in piece.range {
          let row = Int(own[i])
          shared.pointer[row * outputs + output] += tree.output(leaf.node, row: row, values: dataset.values)
        }
        return
      }
      for i in piece.range { shared.pointer[Int(own[i]) * outputs + output] += value }
    }
    if outside.isEmpty { return }
    let walk = BinnedWalk(tree, dataset: dataset)
    outside.withUnsafeBufferPointer { outside in
      guard let base = outside.baseAddress else { return }
      let others = SharedPointer(UnsafeMutablePointer(mutating: base))
      pool.parallelChunks(of: outside.count, chunk: 1024) { range, _ in
        walk.forEach(others.pointer + range.lowerBound, count: range.count) { row, leaf in
          shared.pointer[row * outputs + output] +=
            isLinear ? tree.output(leaf, row: row, values: dataset.values) : tree.nodes[leaf].value
        }
      }
    }
  }

  /// The rows of the leaves in pieces of bounded length.
  private static func pieces(of leaves: [GrownTree.Leaf]) -> [(leaf: Int, range: Range<Int>)] {
    var result: [(leaf: Int, range: Range<Int>)] = []
    result.reserveCapacity(leaves.reduce(0) { $0 + ($1.count + 16_383) / 16_384 })
    for (index, leaf) in leaves.enumerated() {
      for start in stride(from: leaf.begin, to: leaf.begin + leaf.count, by: 16_384) {
        result.append((index, start..<min(start + 16_384, leaf.begin + leaf.count)))
      }
    }
    return result
  }

  /// A leaf's value with the learning rate; XGBoost multiplies in single precision.
  func scaled(_ weight: Double) -> Float {
    configuration.style == .xgboost
      ? Float(weight) * Float(rate) : Float(rate * weight)
  }

  /// The value of a node as a leaf before the learning rate, from given sums of its rows.
  func leafValue(_ node: OpenNode, gradient: Double, hessian: Double, growth: TreeGrowth) -> Double {
    guard let parent = node.parent else { return growth.search.weight(gradient: gradient, hessian: hessian) }
    let value = growth.search.output(
      SplitSide(gradient: gradient, hessian: hessian, rows: node.smoothingRows), parent: parent,
      extraLambda: node.extraLambda)
    return growth.search.hasBounds ? min(max(value, node.sums.lower), node.sums.upper) : value
  }

  /// Sets leaf values from the full-precision derivatives of their rows, summed in a fixed order.
  private func finish(derivatives: UnsafePointer<SIMD2<Float>>, growth: TreeGrowth) -> GrownTree {
    var grown = growth.tree
    grown.leaves.reserveCapacity(growth.leaves)
    for node in growth.open where growth.tree.nodes[node.tree].isLeaf {
      grown.leaves.append(
        GrownTree.Leaf(node: node.tree, begin: node.begin, count: node.sums.rows, copy: node.copy))
    }
    let tree = grown
    let pieces = TreeGrower.pieces(of: tree.leaves)
    let partial = Storage<SIMD2<Double>>(pieces.count, initial: .zero)
    pool.parallelFor(count: pieces.count) { item, _ in
      var sum = SIMD2<Double>.zero
      let own = partition.rows(tree.leaves[pieces[item].leaf].copy)
      for i in pieces[item].range { sum += SIMD2<Double>(derivatives[Int(own[i])]) }
      partial.pointer[item] = sum
    }
    var sums = [SIMD2<Double>](repeating: .zero, count: tree.leaves.count)
    for item in pieces.indices { sums[pieces[item].leaf] += partial.pointer[item] }
    for (leaf, sum) in zip(tree.leaves, sums) {
      let node = growth.open[leaf.node]
      // LightGBM leaves the value of the rounded derivatives unless it is told otherwise.
      let keepsRounded = configuration.growth.useQuantizedGrad && !configuration.growth.quantTrainRenewLeaf
      grown.nodes[leaf.node].value = scaled(
        keepsRounded
          ? node.sums.output : leafValue(node, gradient: sum.x, hessian: sum.y, growth: growth))
      grown.nodes[leaf.node].cover = Float(sum.y)
    }
    if configuration.style == .lightgbm, grown.nodes.count == 1 {
      // LightGBM's tree without a split says nothing.
      grown.nodes[0].value = 0
    } else if configuration.growth.linearTree, growth.number >= firstLinearTree {
      fitLinearLeaves(&grown, derivatives: derivatives, growth: growth)
    }
    return grown
  }
}

/// The state of one tree while it grows.
struct TreeGrowth {
  let search: SplitSearch
  let quantisation: GradientQuantisation
  let sampling: FeatureSampling
  /// Whether the tree uses a feature.
  let isUsed: [Bool]
  var frontier: GrowthFrontier
  var tree = GrownTree()
  /// One entry per tree node, in the same order.
  var open: [TreeGrower.OpenNode] = []
  var leaves = 1
  /// Number of the tree in the training.
  let number: Int

  init(
    search: SplitSearch, quantisation: GradientQuantisation, sampling: FeatureSampling, features: Int,
    frontier: GrowthFrontier, number: Int
  ) {
    self.number = number
    self.search = search
    self.quantisation = quantisation
    self.sampling = sampling
    self.frontier = frontier
    var used = [Bool](repeating: false, count: features)
    for feature in sampling.treeFeatures { used[Int(feature)] = true }
    isUsed = used
  }

  /// Makes room for all nodes of a tree, so that no split needs more.
  mutating func reserve(leaves: Int) {
    open.reserveCapacity(2 * leaves)
    tree.nodes.reserveCapacity(2 * leaves)
    tree.tests.reserveCapacity(2 * leaves)
    frontier.reserve(leaves: leaves)
  }
}
